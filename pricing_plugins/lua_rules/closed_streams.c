/* What Lua's own objects would otherwise take from the C library: its streams, the functions that
 * open files, and the order of letters of the process's locale.
 *
 * Lua is linked into this library statically, and the names below are found here first and are
 * exported to nobody. So no way through the interpreter, foreseen or not, opens a file or writes to
 * a stream of the service; and texts are compared byte by byte, whatever locale is set. No header
 * of the C library may be included here: it declares the same names otherwise. */
void* stdin;
void* stdout;
void* stderr;

/* Declared first, as this tree's compilers want it. Lua's objects ask for the names with 64. */
void* fopen64(const char* path, const char* mode);
void* freopen64(const char* path, const char* mode, void* stream);
int strcoll(const char* a, const char* b);
int strcmp(const char* a, const char* b);

void* fopen64(const char* path, const char* mode) {
  (void)path;
  (void)mode;
  return (void*)0;
}

void* freopen64(const char* path, const char* mode, void* stream) {
  (void)path;
  (void)mode;
  (void)stream;
  return (void*)0;
}

int strcoll(const char* a, const char* b) { return strcmp(a, b); }
