//! Laws of the check digits.

use proptest::prelude::*;

use super::Format;

/// Formats with check digits, and a pattern of their bodies.
fn completed() -> impl Strategy<Value = (Format, String)> {
    let bodies = prop_oneof![
        "[0-9A-Z*@#]{8}".prop_map(|body| (Format::Cusip, body)),
        "(DE|FR|XS|JP)[0-9A-Z]{9}".prop_map(|body| (Format::Isin, body)),
        "[0-9BCDFGHJ-NP-TV-Z]{6}".prop_map(|body| (Format::Sedol, body)),
        "[0-9A-Z]{18}".prop_map(|body| (Format::Lei, body)),
        "GB[A-Z]{4}[0-9]{14}".prop_map(|body| (Format::Iban, body)),
        "DE[0-9]{18}".prop_map(|body| (Format::Iban, body)),
        "[12][0-9]{8}".prop_map(|body| (Format::Npi, body)),
    ];
    bodies.prop_map(|(format, body)| (format, format.complete(&body).unwrap_or_else(|| panic!("{format:?} {body}"))))
}

fn digit_places(text: &str) -> Vec<usize> {
    (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii_digit()).collect()
}

/// Whether the scheme sees this transposition of adjacent digits.
fn is_seen(format: Format, left: u8, right: u8) -> bool {
    let difference = left.abs_diff(right);
    match format {
        Format::Cusip | Format::Isin | Format::Npi => difference != 9,
        Format::Sedol => difference != 5,
        _ => true,
    }
}

proptest! {
    #[test]
    fn completed_is_valid((format, text) in completed()) {
        prop_assert_eq!(format.check(&text), Ok(()));
    }

    #[test]
    fn one_wrong_digit_is_seen((format, text) in completed(), place in any::<prop::sample::Index>(), by in 1_u8..10) {
        let places = digit_places(&text);
        let at = places[place.index(places.len())];
        let mut bytes = text.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let changed = String::from_utf8(bytes).expect("ASCII");
        prop_assert!(format.check(&changed).is_err(), "{changed}");
    }

    #[test]
    fn swapped_neighbours_are_seen((format, text) in completed()) {
        for at in 0..text.len() - 1 {
            let mut bytes = text.clone().into_bytes();
            let (left, right) = (bytes[at], bytes[at + 1]);
            if !left.is_ascii_digit() || !right.is_ascii_digit() || left == right || !is_seen(format, left, right) {
                continue;
            }
            bytes.swap(at, at + 1);
            let changed = String::from_utf8(bytes).expect("ASCII");
            prop_assert!(format.check(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), short in "[0-9A-Zé*.\\-]{0,24}") {
        for format in Format::ALL {
            for text in [&text, &short] {
                if let Err(fault) = format.check(text) {
                    prop_assert!(!fault.to_string().contains('\n'));
                }
                let _ = format.complete(text);
            }
        }
    }

    #[test]
    fn synthetic_is_valid(numbers in prop::collection::vec(any::<u32>(), 40)) {
        for format in Format::ALL {
            let mut next = numbers.iter().cycle();
            let text = format.synthetic(&mut |below| next.next().map_or(0, |number| number % below));
            prop_assert_eq!(format.check(&text), Ok(()), "{} {}", format.name(), text);
        }
    }
}
