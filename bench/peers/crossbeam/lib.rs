// crossbeam's epochs and its unbounded queue, for C. See ../crossbeam.c.
use crossbeam_epoch::{pin, Atomic, Guard, Owned};
use crossbeam_queue::SegQueue;
use std::cell::RefCell;
use std::ffi::c_void;
use std::hint::black_box;
use std::sync::atomic::Ordering::Acquire;

struct Item(*mut c_void);
unsafe impl Send for Item {}
unsafe impl Sync for Item {}

#[no_mangle]
pub extern "C" fn crossbeam_queue_create() -> *mut c_void {
    Box::into_raw(Box::new(SegQueue::<Item>::new())).cast()
}

/// # Safety
/// `it` is of `crossbeam_queue_create`, and nobody uses it any more.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_queue_destroy(it: *mut c_void) {
    drop(Box::from_raw(it.cast::<SegQueue<Item>>()));
}

/// # Safety
/// `it` is of `crossbeam_queue_create`.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_queue_push(it: *mut c_void, item: *mut c_void) {
    (*it.cast::<SegQueue<Item>>()).push(Item(item));
}

/// # Safety
/// `it` is of `crossbeam_queue_create`. NULL: empty.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_queue_pop(it: *mut c_void) -> *mut c_void {
    (*it.cast::<SegQueue<Item>>()).pop().map_or(std::ptr::null_mut(), |item| item.0)
}

type Object = [u8; 64];
static SHARED: Atomic<Object> = Atomic::null();

thread_local!(static HELD: RefCell<Option<Guard>> = const { RefCell::new(None) });

#[no_mangle]
pub extern "C" fn crossbeam_read(times: u32) {
    for _ in 0..times {
        let guard = pin();
        black_box(SHARED.load(Acquire, &guard));
    }
}

#[no_mangle]
pub extern "C" fn crossbeam_retire(times: u32) {
    for _ in 0..times {
        let guard = pin();
        let object = Owned::<Object>::new(black_box([1; 64])).into_shared(&guard);
        unsafe { guard.defer_destroy(object) };
    }
}

#[no_mangle]
pub extern "C" fn crossbeam_hold() {
    HELD.with(|held| *held.borrow_mut() = Some(pin()));
}

#[no_mangle]
pub extern "C" fn crossbeam_release() {
    HELD.with(|held| *held.borrow_mut() = None);
}
