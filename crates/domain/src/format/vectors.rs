//! Published and computed examples, valid and invalid.

use super::{Format, Format::*, minor_units};

const VALID: &[(Format, &str)] = &[
    (Cusip, "17275R102 037833100 594918104 38259P508 68389X105 037833AK6 912828YK0"),
    (
        Cusip,
        "123990103 234991107 345992101 45699A108 56799Z208 001993104 123999104 123999203 990000101 990001AA7 12399AAB7",
    ),
    (
        Isin,
        "US0378331005 US5949181045 GB0002634946 DE0007164600 AU0000XVGZA3 JP3633400001 FR0000120271 CH0038863350",
    ),
    (
        Isin,
        "GB00BH4HKS39 DE000BASF111 XS1234567896 US1239901036 US2349911071 US3459921017 US45699A1088 US56799Z2083",
    ),
    (
        Isin,
        "US990001AA74 CA1239901038 GB00BDM00197 GB00BDM00205 GB00BXT99903 GB00BZZ00101 DE000DEMO015 FR00DEMO0015",
    ),
    (Isin, "JP0DEMO00016 XS9990000010 QM0000000012 EZ0000DEMO16"),
    (
        Sedol,
        "0263494 B0WNLY7 7108899 4065663 B0YBKJ7 BH4HKS3 2046251 0540528 BDM0019 BDM0020 BXT9990 BZZ0010",
    ),
    (
        Lei,
        "5493001KJTIIGC8Y1R12 HWUPKR0MPOU8FGXBT394 INR2EJN1ERAN0W5ZP974 7H6GLXDRUGQFU57RNE97 529900T8BM49AURSDO55",
    ),
    (
        Lei,
        "213800WSGIIZCXF1P572 DEMO00BROKERALPHA035 DEMO00CUSTODIAN00110 DEMO00FUNDMGR0000263 DEMO00CLEARER0000373",
    ),
    (
        Lei,
        "DEMO00ISSUER00000493 DEMO00PRIMEBROKR0135 DEMO00GLOBALCUST0285 DEMO00ASSETMGR000379 DEMO00REGIONBANK0484",
    ),
    (Lei, "DEMO00EXECBROKER0552"),
    (Uti, "DEMO00BROKERALPHA03520260131TRD000000042 5493001KJTIIGC8Y1R12A"),
    (Bic, "DEMOUS30XXX DEMOGB20 DEMODE50XXX"),
    (Iban, "GB82WEST12345698765432 DE89370400440532013000 FR1420041010050500013M02606"),
    (
        Iban,
        "GB62DEMO00000012345678 DE79000000001234567890 FR7500000000010000000000100 NL91ABNA0417164300",
    ),
    (Figi, "BBG000BLNNH6 BBG000B9XRY4 BBG000BPH459"),
    (Npi, "1234567893 2000000002 2000000010 2000000028 2987654326 2999999990"),
    (Dea, "AB1234563 A91234563"),
    (Mic, "XNYS XNAS ARCX XLON XPAR XETR XAMS XSWX XTKS XHKG XOFF XXXX"),
    (Ccy, "USD EUR GBP JPY KRW KWD BHD OMR JOD TND CHF XTS XXX"),
    (Icd10cm, "E11.9 I10 J45.909 C50.512 S52.131A U07.1 C7A.00"),
    (
        Hcpcs,
        "J1885 E0601 G0439 L3000 A4253 00000 0000T 0001A 0174A 2029F 0002M 0240U 99213",
    ),
    (Ndc11, "01234-5678-90 12345-0678-90 12345-6789-00 01234567890"),
    (Mbi, "1EG4-TE5-MK73 1EG4TE5MK73"),
    (Carc, "197 16 11 4 97 B7 A1 15"),
    (Rarc, "N382 M51 MA130"),
];

#[test]
fn published_identifiers_are_valid() {
    for (format, texts) in VALID {
        for text in texts.split(' ') {
            assert_eq!(format.check(text), Ok(()), "{} {text}", format.name());
        }
    }
}

#[test]
fn check_digits_complete_a_body() {
    let complete = |format: Format, body: &str| format.complete(body);
    assert_eq!(complete(Cusip, "17275R10").as_deref(), Some("17275R102"));
    assert_eq!(complete(Isin, "US037833100").as_deref(), Some("US0378331005"));
    assert_eq!(complete(Sedol, "026349").as_deref(), Some("0263494"));
    assert_eq!(complete(Lei, "5493001KJTIIGC8Y1R").as_deref(), Some("5493001KJTIIGC8Y1R12"));
    assert_eq!(complete(Iban, "GBWEST12345698765432").as_deref(), Some("GB82WEST12345698765432"));
    assert_eq!(complete(Figi, "BBG000BLNNH").as_deref(), Some("BBG000BLNNH6"));
    assert_eq!(complete(Npi, "123456789").as_deref(), Some("1234567893"));
    assert_eq!(complete(Dea, "AB123456").as_deref(), Some("AB1234563"));
    assert_eq!(complete(Cusip, "1234567"), None, "too short");
    assert_eq!(complete(Isin, "US037833101"), None, "the CUSIP inside is wrong");
    assert_eq!(complete(Mic, "XNY"), None, "no check digits");
}

#[test]
fn faults_say_what_is_wrong() {
    let cases: &[(Format, &str, &str)] = &[
        (Cusip, "68389X106", "CUSIP check digit is 6, expected 5"),
        (Cusip, "073833100", "CUSIP check digit is 0, expected 5"),
        (Cusip, "1234567", "CUSIP has 7 characters, expected 9"),
        (Cusip, "", "CUSIP has 0 characters, expected 9"),
        (Cusip, "03783310o", "CUSIP has 'o' at position 9, expected a digit"),
        (
            Cusip,
            "03783é100",
            "CUSIP has 'é' at position 6, expected a capital letter or digit",
        ),
        (Isin, "US0378331006", "ISIN check digit is 6, expected 5"),
        (
            Isin,
            "US0378331013",
            "ISIN holds a wrong number: CUSIP check digit is 1, expected 0",
        ),
        (Sedol, "0263495", "SEDOL check digit is 5, expected 4"),
        (
            Sedol,
            "B0ANLY7",
            "SEDOL has 'A' at position 3, expected a capital consonant or digit",
        ),
        (Lei, "5493001KJTIIGC8Y1R13", "LEI check digits are 13, expected 12"),
        (
            Uti,
            "DEMO00BROKERALPHA036X",
            "UTI holds a wrong number: LEI check digits are 36, expected 35",
        ),
        (Uti, "DEMO00BROKERALPHA035", "UTI has 20 characters, expected 21 to 52"),
        (
            Uti,
            "DEMO00BROKERALPHA035-1",
            "UTI has '-' at position 21, expected a capital letter or digit",
        ),
        (Bic, "DEMOUS30XX", "BIC has 10 characters, expected 8 or 11"),
        (Bic, "DEMO1S30", "BIC has '1' at position 5, expected a capital letter"),
        (Iban, "GB83WEST12345698765432", "IBAN check digits are 83, expected 82"),
        (Iban, "QQ8237040044053201300", "IBAN country \"QQ\" is unknown"),
        (Iban, "DE8937040044053201300", "IBAN has 21 characters, expected 22 in DE"),
        (Figi, "BBG000BLNNH7", "FIGI check digit is 7, expected 6"),
        (Npi, "1234567894", "NPI check digit is 4, expected 3"),
        (Npi, "3234567893", "NPI has '3' at position 1, expected 1 or 2"),
        (Dea, "AB1234564", "DEA number check digit is 4, expected 3"),
        (Mic, "xnys", "MIC has 'x' at position 1, expected a capital letter or digit"),
        (Ccy, "DEM", "Currency \"DEM\" is unknown"),
        (
            Icd10cm,
            "E119",
            "ICD-10-CM code has 4 characters, expected 3, or 5 to 8 with the dot",
        ),
        (
            Hcpcs,
            "9921X",
            "HCPCS code has 'X' at position 5, expected a digit, A, F, M, T or U",
        ),
        (Ndc11, "1234-5678-90", "NDC has 12 characters, expected 11, or 13 with hyphens"),
        (
            Mbi,
            "1SG4TE5MK73",
            "MBI has 'S' at position 2, expected a capital letter other than S, L, O, I, B, Z",
        ),
        (Carc, "B", "CARC has 'B' at position 1, expected a digit"),
        (Rarc, "X1", "RARC has 'X' at position 1, expected M or N"),
    ];
    for (format, text, message) in cases {
        let fault = format.check(text).expect_err(text);
        assert_eq!(fault.to_string(), *message);
    }
}

#[test]
fn currencies_have_their_minor_units() {
    let units = |codes: &str| codes.split(' ').map(minor_units).collect::<Vec<_>>();
    assert_eq!(units("JPY KRW CLP"), [0, 0, 0]);
    assert_eq!(units("BHD KWD OMR JOD TND"), [3, 3, 3, 3, 3]);
    assert_eq!(units("USD EUR XTS nonsense"), [2, 2, 2, 2]);
}
