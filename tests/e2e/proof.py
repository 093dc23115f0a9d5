"""What a proof is given and what it leaves: sizes as flags, and one last line of figures."""

_flags = {}
_known = set()
_figures = []


def take_flags(arguments):
    """--name=value of the command line; returns the other arguments."""
    rest = []
    for argument in arguments:
        if argument.startswith("--") and "=" in argument:
            name, _, value = argument[2:].partition("=")
            _flags[name] = value
        else:
            rest.append(argument)
    return rest


def unknown_flags():
    """What was given and nobody has asked for."""
    return sorted(set(_flags) - _known)


def flag(name, default):
    _known.add(name)
    return _flags.get(name, default)


def size(name, default):
    return int(flag(name, default))


def figures(line):
    """Called where the asked size was reached and all was well."""
    _figures.append(line)


def last_lines():
    return _figures
