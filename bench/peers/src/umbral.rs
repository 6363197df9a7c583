// Umbral threshold re-encryption, 4 of 7, one thread: encapsulation, re-encryption (its proof included), the check of
// one answer, and the opening of four answers.
mod figure;

use umbral_pre::{
    decrypt_reencrypted, encrypt, generate_kfrags, reencrypt, CapsuleFrag, SecretKey, Signer, VerifiedCapsuleFrag,
};

const T: usize = 4;
const N: usize = 7;
const BUDGET: f64 = 0.3;

fn main() {
    let delegating = SecretKey::random();
    let delegating_pk = delegating.public_key();
    let receiving = SecretKey::random();
    let receiving_pk = receiving.public_key();
    let signer = Signer::new(SecretKey::random());
    let verifying_pk = signer.verifying_key();
    let plain = [7u8; 32];
    let (us, n) = figure::each_us(BUDGET, || {
        encrypt(&delegating_pk, &plain).unwrap();
    });
    figure::print("umbral.encrypt", us, "us", n);
    let (capsule, cipher) = encrypt(&delegating_pk, &plain).unwrap();
    let kfrags = generate_kfrags(&delegating, &receiving_pk, &signer, T, N, true, true);
    let (us, n) = figure::each_us(BUDGET, || {
        reencrypt(&capsule, kfrags[0].clone());
    });
    figure::print("umbral.reencrypt", us, "us", n);
    let cfrags: Vec<VerifiedCapsuleFrag> = kfrags[..T].iter().map(|k| reencrypt(&capsule, k.clone())).collect();
    let loose: CapsuleFrag = cfrags[0].clone().unverify();
    let (us, n) = figure::each_us(BUDGET, || {
        let answer = loose.clone().verify(&capsule, &verifying_pk, &delegating_pk, &receiving_pk);
        assert!(answer.is_ok());
    });
    figure::print("umbral.verify", us, "us", n);
    let (us, n) = figure::each_us(BUDGET, || {
        let opened = decrypt_reencrypted(&receiving, &delegating_pk, &capsule, cfrags.clone(), &cipher).unwrap();
        assert!(opened[..] == plain);
    });
    figure::print("umbral.open_t4", us, "us", n);
}
