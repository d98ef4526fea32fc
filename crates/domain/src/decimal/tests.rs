//! Laws of decimal numbers.

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn equal_numbers_are_one_value_with_one_form() {
    for (texts, form) in [
        ("1 1.0 1e0 +1 10e-1 0.1e1 001 1. 1E+0", "1"),
        ("0 -0 0.0 0e999 -0.00e-5 .0 +0", "0"),
        ("1.23E+08 123000000 1.23e8", "123000000"),
        (".5 0.5 5e-1 +.50", "0.5"),
        ("-1204.50 -1204.5 -.12045e4", "-1204.5"),
        ("77014103211118510720 7701410321111851072e1", "77014103211118510720"),
        ("12e50 1.2e51 120e49", "12e50"),
        ("-1e-42 -0.1e-41", "-1e-42"),
        ("1e-41 0.1e-40", "0.00000000000000000000000000000000000000001"),
    ] {
        for text in texts.split(' ') {
            assert_eq!(decimal(text).to_string(), form, "{text}");
            assert_eq!(decimal(text), decimal(form), "{text}");
        }
    }
    assert_ne!(decimal("77014103211118510720"), decimal("77014103211118510721"));
}

#[test]
fn another_grammar_is_refused() {
    for text in [
        "", "-", "+", ".", "-.", "e5", "1e", "1.5E-", "1e+", "1.2.3", "1,5", "0x1", "NaN", "inf", "٣", " 1", "--1", "+-1", "1e5.0",
    ] {
        assert_eq!(text.parse::<Decimal>(), Err(NotADecimal::Malformed), "{text}");
    }
}

#[test]
fn too_many_digits_and_absurd_exponents_are_refused_and_never_expanded() {
    assert!("9".repeat(1_000).parse::<Decimal>().is_ok());
    assert_eq!("9".repeat(1_001).parse::<Decimal>(), Err(NotADecimal::TooManyDigits));
    assert!("1e1000".parse::<Decimal>().is_ok() && "1e-0001000".parse::<Decimal>().is_ok());
    for text in ["1e1001", "1e-1001", "0e99999999999999999999999", "1e4294967296"] {
        assert_eq!(text.parse::<Decimal>(), Err(NotADecimal::ExponentOutOfRange), "{text}");
    }
    assert_eq!(decimal("1e1000").to_string(), "1e1000");
    assert_eq!(decimal("-1e1000").to_f64(), f64::MIN);
}

#[test]
fn amounts_become_minor_units_or_nothing() {
    for (amount, decimals, minor) in [
        ("1204.5", 2, Some(120_450)),
        ("-1204.5", 2, Some(-120_450)),
        ("0.001", 2, Some(1)),
        ("-0.001", 2, Some(-1)),
        ("10000.004", 2, Some(1_000_001)),
        ("1e-999", 2, Some(1)),
        ("0", 2, Some(0)),
        ("1e3", 0, Some(1_000)),
        ("92233720368547758.07", 2, Some(i64::MAX)),
        ("-92233720368547758.08", 2, Some(i64::MIN)),
        ("92233720368547758.08", 2, None),
        ("1e1000", 2, None),
    ] {
        assert_eq!(decimal(amount).to_minor_units(decimals), minor, "{amount}");
    }
    assert_eq!(decimal("1.5").to_i64(), None);
    assert_eq!(decimal("-12e1").to_i64(), Some(-120));
}

#[test]
fn json_keeps_every_digit() {
    let text = "123456789012345678901234567.89";
    let read: Decimal = serde_json::from_str(text).expect("a number");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
    assert_eq!(serde_json::from_str::<Decimal>("\"1.50\"").expect("a text"), decimal("1.5"));
    assert!(serde_json::from_str::<Decimal>("true").is_err());
    let huge = decimal("-1.5e1000");
    let written = serde_json::json!({"exposure": &huge}).to_string();
    assert_eq!(written, r#"{"exposure":"-15e999"}"#);
    assert_eq!(serde_json::from_str::<Decimal>("\"-15e999\"").expect("a text"), huge);
}

/// A number as digits with a point and an exponent, in some spelling.
fn spelled() -> impl Strategy<Value = String> {
    ("[+-]?", "[0-9]{1,30}", "[0-9]{0,30}", -60_i32..60)
        .prop_map(|(sign, whole, fraction, exponent)| format!("{sign}{whole}.{fraction}e{exponent}"))
}

/// Another spelling of the same number: the point moved, zeros added.
fn respelled(text: &str, by: usize, zeros: usize) -> String {
    let (negative, unsigned) = signed(text);
    let (mantissa, exponent) = unsigned.split_once('e').expect("an exponent");
    let (whole, fraction) = mantissa.split_once('.').expect("a point");
    let digits = format!("{}{whole}{fraction}{}", "0".repeat(zeros), "0".repeat(zeros + by));
    let exponent: i64 = exponent.parse::<i64>().expect("a number") - fraction.len() as i64 - (zeros + by) as i64;
    let at = digits.len() - by;
    format!(
        "{}{}.{}E{}",
        if negative { "-" } else { "" },
        &digits[..at],
        &digits[at..],
        exponent + by as i64
    )
}

/// The value times 10^130 as digits, for a comparison that knows nothing of exponents.
fn expanded(text: &str) -> (bool, String) {
    let (negative, unsigned) = signed(text);
    let (mantissa, exponent) = unsigned.split_once('e').expect("an exponent");
    let (whole, fraction) = mantissa.split_once('.').expect("a point");
    let zeros = 130 + exponent.parse::<i64>().expect("a number") - fraction.len() as i64;
    let digits = format!("{whole}{fraction}{}", "0".repeat(usize::try_from(zeros).expect("positive")));
    let digits = format!("{digits:0>300}");
    (negative && digits.bytes().any(|digit| digit != b'0'), digits)
}

proptest! {
    #[test]
    fn every_spelling_of_a_number_is_the_same_value(text in spelled(), by in 0_usize..40, zeros in 0_usize..20) {
        let (one, other) = (decimal(&text), decimal(&respelled(&text, by, zeros)));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.cmp(&other), Ordering::Equal);
        prop_assert_eq!(decimal(&one.to_string()), one);
    }

    #[test]
    fn order_is_that_of_the_written_out_digits(one in spelled(), other in spelled(), close in any::<bool>()) {
        // The same number with another last digit is the hard case.
        let other = if close { one.replacen('.', "1.", 1) } else { other };
        let by_digits = match (expanded(&one), expanded(&other)) {
            ((false, one), (false, other)) => one.cmp(&other),
            ((true, one), (true, other)) => other.cmp(&one),
            ((negative, _), (other, _)) => other.cmp(&negative),
        };
        let (one, other) = (decimal(&one), decimal(&other));
        prop_assert_eq!(one.cmp(&other), by_digits);
        prop_assert_eq!(one == other, by_digits == Ordering::Equal);
    }

    #[test]
    fn whole_numbers_and_doubles_survive(whole in any::<i64>(), real in any::<f64>().prop_filter("finite", |real| real.is_finite())) {
        prop_assert_eq!(Decimal::from(whole).to_i64(), Some(whole));
        prop_assert_eq!(Decimal::from_minor_units(whole, 3).to_minor_units(3), Some(whole));
        prop_assert_eq!(decimal(&whole.to_string()), Decimal::from(whole));
        prop_assert_eq!(decimal(&format!("{real:e}")).to_f64().to_bits(), (real + 0.0).to_bits());
    }

    #[test]
    fn no_text_panics_and_no_form_grows(text in "[-+.eE0-9]{0,30}") {
        if let Ok(number) = text.parse::<Decimal>() {
            let form = number.to_string();
            prop_assert!(form.len() <= text.len() + MAX_ZEROS + 3, "{}", form);
            prop_assert_eq!(serde_json::from_str::<Decimal>(&format!("\"{form}\"")).ok(), Some(number));
        }
    }
}
