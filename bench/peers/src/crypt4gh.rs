// Crypt4GH by the crate: memory to memory, one thread, one reader, 8 MiB of plain text at a time.
mod figure;

use std::collections::HashSet;
use std::io::Cursor;

use crypt4gh::keys::generate_private_key;
use crypt4gh::{decrypt, encrypt, Keys};

const BULK: usize = 8 << 20;

fn pair() -> (Vec<u8>, Vec<u8>) {
    let both = generate_private_key();
    (both[..32].to_vec(), both[32..].to_vec())
}

fn main() {
    let (secret, public) = pair();
    let (reader_secret, reader) = pair();
    let _ = public;
    let mut to = HashSet::new();
    to.insert(Keys { method: 0, privkey: secret, recipient_pubkey: reader });
    let plain: Vec<u8> = (0..BULK).map(|i| (i * 31 >> 3) as u8).collect();
    let mut sealed: Vec<u8> = Vec::with_capacity(BULK + BULK / 1000 + 4096);
    let (us, n) = figure::each_us(0.5, || {
        sealed.clear();
        encrypt(&to, &mut Cursor::new(&plain), &mut sealed, 0, None).unwrap();
    });
    figure::print("crypt4gh.seal", BULK as f64 / us, "MB/s", n);
    let mine = [Keys { method: 0, privkey: reader_secret, recipient_pubkey: vec![] }];
    let mut opened: Vec<u8> = Vec::with_capacity(BULK);
    let (us, n) = figure::each_us(0.5, || {
        opened.clear();
        decrypt(&mine, &mut Cursor::new(&sealed), &mut opened, 0, None, &None).unwrap();
    });
    assert!(opened == plain);
    figure::print("crypt4gh.open", BULK as f64 / us, "MB/s", n);
}
