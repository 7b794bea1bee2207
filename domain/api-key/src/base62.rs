//! Digits, capitals and small letters: numbers as text that a double click selects whole.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Is it one of the 62?
pub(crate) const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// The 32 lowest digits of a number of 256 bits, lowest first.
///
/// That is the number modulo 62^32, which is about 2^190.5. Since 2^256 is no multiple of it, some
/// texts are likelier than others, but by a factor of at most 1 + 2^-65: nobody can tell. Mapping
/// byte by byte (`byte % 62`) would favour eight letters by a quarter.
pub(crate) fn digits(number: &[u8; 32]) -> String {
    let mut number = *number;
    (0..32).map(|_| digit(divide(&mut number))).collect()
}

/// A number of 32 bits in six digits, highest first; six can say more than that.
pub(crate) fn six_digits(number: u32) -> String {
    (0..6_u32).rev().map(|place| digit((number / 62_u32.pow(place)) % 62)).collect()
}

/// Long division by 62 in place, highest byte first; answers the remainder.
fn divide(number: &mut [u8; 32]) -> u32 {
    let mut remainder = 0_u32;
    for byte in number {
        let value = (remainder << 8) | u32::from(*byte);
        // The quotient is below 256, because the remainder before it was below 62.
        *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
        remainder = value % 62;
    }
    remainder
}

fn digit(value: u32) -> char {
    let byte = usize::try_from(value).ok().and_then(|index| ALPHABET.get(index));
    byte.copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_in_any_other_base() {
        assert_eq!(six_digits(0), "000000");
        assert_eq!(six_digits(61), "00000z");
        assert_eq!(six_digits(62), "000010");
        // 4·62^5 + 42·62^4 + 41·62^3 + 43·62^2 + 9·62 + 3 = 2^32 - 1
        assert_eq!(six_digits(u32::MAX), "4gfFC3");
        let mut one = [0; 32];
        one[31] = 63;
        assert_eq!(digits(&one), format!("11{}", "0".repeat(30)));
    }

    proptest! {
        #[test]
        fn digits_say_the_number_modulo_what_fits(low: u64) {
            let mut number = [0; 32];
            number[24..].copy_from_slice(&low.to_be_bytes());
            let value = digits(&number).bytes().rev().fold(0_u128, |sum, byte| {
                let digit = ALPHABET.iter().position(|&known| known == byte).expect("a digit");
                sum.wrapping_mul(62).wrapping_add(digit.try_into().expect("small"))
            });
            prop_assert_eq!(value, u128::from(low));
        }
    }
}
