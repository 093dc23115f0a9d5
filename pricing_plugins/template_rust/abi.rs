//! The contract of pricing_plugins/abi in Rust. What each field means stands there; the order and the
//! types here have to be the same. A host whose records have other sizes is refused in `init`, and a
//! request of another size in `price`.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};

pub const ABI_MAJOR: u32 = 1;
pub const ABI_VERSION: u32 = ABI_MAJOR << 16;

pub type Code = i32;
pub const OK: Code = 0;
pub const INVALID_CONFIG: Code = 1;
pub const NOT_COVERED: Code = 2;
pub const OUT_OF_RANGE: Code = 3;
pub const UNSUPPORTED: Code = 4;
pub const FAILED: Code = 5;

pub const AMOUNT_MAX: i64 = 100_000_000_000;
pub const RATIO_MAX: i64 = 10_000_000;
pub const PPM: i64 = 1_000_000;

pub const ERROR_SIZE: usize = 512;
pub const STEP_MAX: usize = 8;
pub const STEP_TEXT_SIZE: usize = 80;

#[repr(C)]
pub struct Text {
    pub data: *const u8,
    pub size: u64,
}

#[repr(C)]
pub struct CivilTime {
    pub year: i32,
    pub month: i32,
    pub day: i32,
    pub weekday: i32,
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub reserved: i32,
}

#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub abi_version: u32,
    pub message: [u8; ERROR_SIZE],
}

#[repr(C)]
pub struct Fact {
    pub name: Text,
    pub text: Text,
    pub number: i64,
}

#[repr(C)]
pub struct Request {
    pub struct_size: u32,
    pub abi_version: u32,
    pub plan_code: Text,
    pub caller: Text,
    pub plan_operator: i32,
    pub plan_kind: i32,
    pub face_value_centimes: i64,
    pub cost_centimes: i64,
    pub price_so_far_centimes: i64,
    pub unix_seconds: i64,
    pub utc: CivilTime,
    pub algiers: CivilTime,
    pub flags: u64,
    pub caller_count_today: i64,
    pub caller_volume_today_centimes: i64,
    pub caller_count_this_month: i64,
    pub caller_volume_this_month_centimes: i64,
    pub facts: *const Fact,
    pub fact_count: u64,
}

#[repr(C)]
pub struct Step {
    pub struct_size: u32,
    pub abi_version: u32,
    pub price_after_centimes: i64,
    pub description: [u8; STEP_TEXT_SIZE],
}

#[repr(C)]
pub struct Answer {
    pub struct_size: u32,
    pub abi_version: u32,
    pub price_centimes: i64,
    pub step_count: u32,
    pub currency: u32, // the host's; left as it is
    pub steps: [Step; STEP_MAX],
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_version: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub host_data: *mut c_void,
    pub log: unsafe extern "C" fn(*const Host, i32, *const c_char),
    pub get_extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Descriptor {
    pub struct_size: u32,
    pub abi_version: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub display_name: *const c_char,
    pub vendor: *const c_char,
    pub config_schema: *const c_char,
}

#[repr(C)]
pub struct Strategy {
    pub struct_size: u32,
    pub abi_version: u32,
    pub strategy_data: *mut c_void,
    pub destroy: unsafe extern "C" fn(*const Strategy),
    pub price:
        unsafe extern "C" fn(*const Strategy, *const Request, *mut Answer, *mut Error) -> Code,
    pub get_extension: unsafe extern "C" fn(*const Strategy, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Entry {
    pub struct_size: u32,
    pub abi_version: u32,
    pub descriptor: *const Descriptor,
    pub init: unsafe extern "C" fn(*const Host, *mut Error) -> Code,
    pub deinit: unsafe extern "C" fn(),
    pub create:
        unsafe extern "C" fn(*const Host, Text, *mut *const Strategy, *mut Error) -> Code,
    pub get_extension: unsafe extern "C" fn(*const c_char) -> *const c_void,
}

// Constant, all of it.
unsafe impl Sync for Descriptor {}
unsafe impl Sync for Entry {}
