//! A complete strategy in Rust, to copy and change: raises the price to the cost plus a minimum.
//!
//! Configuration: {"minimum_profit_centimes": 1000}. Everything that the contract asks of a library is
//! here once. A panic stops at the border and becomes TOPUP_PRICING_FAILED.
mod abi;

use abi::*;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

const MINIMUM_MAX: i64 = 100_000; // a thousand dinars
const KEY: &str = "\"minimum_profit_centimes\"";
const SPACE: &[char] = &[' ', '\t', '\r', '\n'];

// --- the rule -----------------------------------------------------------------------------------

struct MinimumProfit {
    table: Strategy,
    minimum_centimes: i64,
}

struct Failure {
    code: Code,
    message: String,
}

impl MinimumProfit {
    fn price(&self, request: &Request) -> Result<(i64, String), Failure> {
        let least = request.cost_centimes.checked_add(self.minimum_centimes);
        match least.map(|least| least.max(request.price_so_far_centimes)) {
            Some(price) if (0..=AMOUNT_MAX).contains(&price) => Ok((
                price,
                format!("at least {} over the cost", dinars(self.minimum_centimes)),
            )),
            _ => Err(Failure {
                code: OUT_OF_RANGE,
                message: format!(
                    "a cost of {} centimes leaves no price up to {}",
                    request.cost_centimes, AMOUNT_MAX
                ),
            }),
        }
    }
}

fn dinars(centimes: i64) -> String {
    match centimes % 100 {
        0 => format!("{} DZD", centimes / 100),
        rest => format!("{}.{:02} DZD", centimes / 100, rest),
    }
}

// --- configuration ------------------------------------------------------------------------------

/// Reads exactly {"minimum_profit_centimes": N}; nothing else has a meaning.
fn read_minimum(config: &str) -> Option<i64> {
    let text = config.trim_matches(SPACE).strip_prefix('{')?.strip_suffix('}')?;
    let text = text.trim_matches(SPACE).strip_prefix(KEY)?;
    let digits = text.trim_start_matches(SPACE).strip_prefix(':')?.trim_matches(SPACE);
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || digits.len() > 6 || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.parse().ok().filter(|minimum| *minimum <= MINIMUM_MAX)
}

fn read_config(config: &[u8]) -> Result<i64, Failure> {
    let text = String::from_utf8_lossy(config);
    read_minimum(&text).ok_or_else(|| Failure {
        code: INVALID_CONFIG,
        message: format!(
            "the configuration is {}: use {{{}: N}} with N from 0 to {} and no other key",
            text.chars().take(80).collect::<String>(),
            KEY,
            MINIMUM_MAX
        ),
    })
}

// --- the border ---------------------------------------------------------------------------------

/// Writes one line of text that ends within `to`, cut between characters.
fn write_text(text: &str, to: &mut [u8]) {
    let mut size = 0;
    for c in text.chars() {
        let c = if c.is_control() { ' ' } else { c };
        if size + c.len_utf8() >= to.len() {
            break;
        }
        c.encode_utf8(&mut to[size..]);
        size += c.len_utf8();
    }
    to[size] = 0;
}

/// Runs `body`; what it refuses, and a panic, end in a code and a message.
unsafe fn guarded(error: *mut Error, body: impl FnOnce() -> Result<(), Failure>) -> Code {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(failure)) => failure,
        Err(_) => Failure {
            code: FAILED,
            message: "the rule panicked".to_string(),
        },
    };
    write_text(&failure.message, &mut (*error).message);
    failure.code
}

unsafe extern "C" fn price(
    strategy: *const Strategy,
    request: *const Request,
    answer: *mut Answer,
    error: *mut Error,
) -> Code {
    guarded(error, || {
        let rule = &*((*strategy).strategy_data as *const MinimumProfit);
        if (*request).struct_size as usize != std::mem::size_of::<Request>() {
            return Err(Failure {
                code: UNSUPPORTED,
                message: "the request has another size than abi.rs says".to_string(),
            });
        }
        let (price, description) = rule.price(&*request)?;
        let step = &mut (*answer).steps[0];
        step.price_after_centimes = price;
        write_text(&description, &mut step.description);
        (*answer).step_count = 1;
        (*answer).price_centimes = price;
        Ok(())
    })
}

unsafe extern "C" fn destroy(strategy: *const Strategy) {
    drop(Box::from_raw((*strategy).strategy_data as *mut MinimumProfit));
}

unsafe extern "C" fn strategy_extension(_: *const Strategy, _: *const c_char) -> *const c_void {
    std::ptr::null() // no extension is a normal answer
}

unsafe extern "C" fn init(host: *const Host, error: *mut Error) -> Code {
    // The standard library in here is this library's own: no other's panics are silenced.
    std::panic::set_hook(Box::new(|_| {}));
    guarded(error, || {
        let is_ours = (*host).abi_version >> 16 == ABI_MAJOR
            && (*host).struct_size as usize == std::mem::size_of::<Host>();
        if is_ours {
            return Ok(());
        }
        Err(Failure {
            code: UNSUPPORTED,
            message: "the host speaks another version of the contract".to_string(),
        })
    })
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn create(
    _: *const Host,
    config: Text,
    strategy: *mut *const Strategy,
    error: *mut Error,
) -> Code {
    guarded(error, || {
        let bytes = std::slice::from_raw_parts(config.data, config.size as usize);
        let rule = Box::into_raw(Box::new(MinimumProfit {
            table: Strategy {
                struct_size: std::mem::size_of::<Strategy>() as u32,
                abi_version: ABI_VERSION,
                strategy_data: std::ptr::null_mut(),
                destroy,
                price,
                get_extension: strategy_extension,
            },
            minimum_centimes: read_config(bytes)?,
        }));
        (*rule).table.strategy_data = rule as *mut c_void;
        *strategy = &(*rule).table;
        Ok(())
    })
}

unsafe extern "C" fn library_extension(_: *const c_char) -> *const c_void {
    std::ptr::null()
}

// --- the library --------------------------------------------------------------------------------

static DESCRIPTOR: Descriptor = Descriptor {
    struct_size: std::mem::size_of::<Descriptor>() as u32,
    abi_version: ABI_VERSION,
    id: b"com.example.template_rust\0".as_ptr() as *const c_char,
    version: b"1.0.0\0".as_ptr() as *const c_char,
    display_name: b"Template in Rust: a minimum profit\0".as_ptr() as *const c_char,
    vendor: b"Example\0".as_ptr() as *const c_char,
    config_schema: b"{\"type\": \"object\", \"properties\": {\"minimum_profit_centimes\":\
 {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 100000}},\
 \"required\": [\"minimum_profit_centimes\"], \"additionalProperties\": false}\0"
        .as_ptr() as *const c_char,
};

/// The only symbol that this library exports.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static topup_pricing_entry: Entry = Entry {
    struct_size: std::mem::size_of::<Entry>() as u32,
    abi_version: ABI_VERSION,
    descriptor: &DESCRIPTOR,
    init,
    deinit,
    create,
    get_extension: library_extension,
};
