// What both programs share: processor time, and the line that `scripts/bench` reads.
use std::fs;

/// Seconds of processor time of this process so far.
pub fn seconds() -> f64 {
    // The first number is time on a processor in ns; a program of one thread has all of its time there.
    let text = fs::read_to_string("/proc/self/schedstat").expect("/proc/self/schedstat");
    let ns: f64 = text.split_whitespace().next().unwrap().parse().unwrap();
    ns * 1e-9
}

/// Microseconds a call, over about `budget` seconds and at least five calls.
#[allow(dead_code)]
pub fn each_us<F: FnMut()>(budget: f64, mut f: F) -> (f64, u64) {
    let from = seconds();
    let mut n = 0u64;
    while n < 5 || seconds() - from < budget {
        f();
        n += 1;
    }
    ((seconds() - from) / n as f64 * 1e6, n)
}

pub fn print(name: &str, value: f64, unit: &str, n: u64) {
    println!("{{\"name\":\"{name}\",\"value\":{value:.3},\"unit\":\"{unit}\",\"n\":{n}}}");
}
