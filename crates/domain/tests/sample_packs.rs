//! The sample packs in `domainpacks/` read as pack documents and keep the promises of the seed guide.
//!
//! Whether their rules compile and their tests hold is the business of lint; here is what lint cannot know: the names,
//! sentences, severities and payload fields that existing clients rely on.

use std::{collections::BTreeSet, fs, path::Path};

use domain::{
    pack::document::{FieldClass, FieldRole, PackDocument, TypeDocument},
    severity::Severity::{self, Critical, High, Low, Medium},
};

/// Type, severity, sentence and payload fields.
type Promise = (&'static str, Severity, &'static str, &'static str);

const FINANCE: [Promise; 7] = [
    (
        "MISMATCHED_TRADE_DETAILS",
        High,
        "Execution details don't match original trade order",
        "orderId execId priceMismatch quantityMismatch cusip counterparty tradeDate",
    ),
    (
        "FAILED_ALLOCATION",
        Medium,
        "Allocations for block trades failed or partially processed",
        "orderId allocId blockQty allocatedQty missingQty accountIds",
    ),
    (
        "POSITION_BREAK",
        Critical,
        "Position quantity doesn't reconcile with trades + settlements",
        "accountId cusip expectedQty actualQty difference asOfDate",
    ),
    (
        "CASH_BREAK",
        High,
        "Cash ledger doesn't match expected clearing amounts",
        "accountId currency expectedBalance actualBalance difference valueDate",
    ),
    (
        "SETTLEMENT_FAIL",
        High,
        "Trade failed to settle by intended settle date",
        "orderId settleId intendedSettleDate failReason counterparty",
    ),
    (
        "REG_REPORT_REJECTED",
        High,
        "Regulatory report rejected due to missing/invalid fields",
        "reportId regType tradeId rejectReason submittedAt",
    ),
    (
        "SEC_MASTER_MISMATCH",
        Low,
        "Security master identifiers inconsistent across systems",
        "cusip isin field systemA_value systemB_value impact",
    ),
];

const HEALTHCARE: [Promise; 6] = [
    (
        "CLAIM_MISSING_AUTH",
        High,
        "Claim submitted without required prior authorization",
        "claimId patientId providerId procedureCodes serviceDate amount",
    ),
    (
        "CLAIM_CODE_MISMATCH",
        Medium,
        "Procedure code inconsistent with diagnosis or eligibility",
        "claimId patientId procedureCodes diagnosisCodes mismatchType",
    ),
    (
        "PROVIDER_CREDENTIAL_EXPIRED",
        High,
        "Provider credential/NPI status expired at service time",
        "providerId npi credentialExpiryDate serviceDate facilityId",
    ),
    (
        "PATIENT_DEMOGRAPHIC_CONFLICT",
        Low,
        "Patient demographics conflict across systems",
        "patientId conflictingField systemA_value systemB_value affectsBilling",
    ),
    (
        "PHARMACY_DUPLICATE_THERAPY",
        Critical,
        "Medication order duplicates active therapy",
        "orderId patientId ndc dose activeTherapies overlapDays",
    ),
    (
        "ELIGIBILITY_COVERAGE_LAPSE",
        High,
        "Coverage inactive or lapsed on service date",
        "patientId insuranceId serviceDate coverageStart coverageEnd claimId",
    ),
];

fn read(file: &str) -> PackDocument {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../domainpacks").join(file);
    let text = fs::read_to_string(&path).expect("the sample pack is in the repository");
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{file}: {fault}"))
}

fn samples() -> [(PackDocument, &'static [Promise]); 2] {
    [
        (read("finance.sample.json"), &FINANCE),
        (read("healthcare.sample.json"), &HEALTHCARE),
    ]
}

fn each_type(check: impl Fn(&PackDocument, &str, &TypeDocument)) {
    for (pack, _) in &samples() {
        for (name, kind) in &pack.exception_types {
            check(pack, name, kind);
        }
    }
}

#[test]
fn packs_are_named_as_existing_clients_expect() {
    let [(finance, _), (healthcare, _)] = samples();
    assert_eq!(
        (finance.domain.as_str(), finance.id_prefix.as_str()),
        ("CapitalMarketsTrading", "FIN")
    );
    assert_eq!(
        (healthcare.domain.as_str(), healthcare.id_prefix.as_str()),
        ("HealthcareClaimsAndCareOps", "HC")
    );
    assert_eq!(
        finance.source_systems,
        [
            "TradingPlatform",
            "SettlementSystem",
            "RiskManagement",
            "Compliance",
            "AllocationSystem"
        ]
    );
    assert_eq!(
        healthcare.source_systems,
        [
            "ClaimsSystem",
            "EHR",
            "BillingPlatform",
            "Authorization",
            "PharmacySystem",
            "ProviderRegistry"
        ]
    );
}

#[test]
fn types_are_the_guides_with_its_sentences_and_severities() {
    for (pack, promises) in &samples() {
        let found = pack.exception_types.iter();
        let found: Vec<_> = found
            .map(|(name, kind)| (name.as_str(), kind.severity, kind.description.as_str()))
            .collect();
        let promised: Vec<_> = promises
            .iter()
            .map(|(name, severity, sentence, _)| (*name, *severity, *sentence))
            .collect();
        assert_eq!(found, promised);
    }
}

#[test]
fn fields_that_clients_send_are_declared_and_seeded() {
    for (pack, promises) in &samples() {
        for (name, _, _, fields) in *promises {
            let kind = &pack.exception_types[*name];
            let seed = kind.seed.as_ref().expect("every type has a seed");
            for field in fields.split(' ') {
                assert!(kind.fields.contains_key(field), "{name} declares {field}");
                assert!(seed.fields.contains_key(field), "{name} seeds {field}");
            }
            let undeclared: Vec<_> = seed
                .fields
                .keys()
                .filter(|field| !field.starts_with('_') && !kind.fields.contains_key(*field))
                .collect();
            assert!(undeclared.is_empty(), "{name} seeds only what it declares: {undeclared:?}");
        }
    }
}

#[test]
fn every_type_has_a_playbook_rules_codes_and_tests() {
    each_type(|pack, name, kind| {
        let steps = pack.playbooks.get(&kind.playbook).map_or(0, |playbook| playbook.steps.len());
        assert!((4..=7).contains(&steps), "{name} has {steps} steps");
        assert!(!kind.severity_rules.is_empty(), "{name} has a severity rule");
        assert!(
            kind.root_causes.len() >= 4 && kind.resolutions.len() >= 4,
            "{name} has codes to close with"
        );
        let tests: Vec<_> = pack.tests.iter().filter(|test| test.given["exceptionType"] == name).collect();
        let refused = tests.iter().filter(|test| test.expect.refused.is_some()).count();
        assert!(tests.len() - refused >= 2 && refused >= 1, "{name} has two tests and a refused one");
    });
}

#[test]
fn one_exposure_and_one_age_a_type() {
    each_type(|_, name, kind| {
        let with = |role| kind.fields.values().filter(|field| field.role == Some(role)).count();
        assert!(with(FieldRole::Entity) >= 1, "{name} names a thing");
        assert!(
            with(FieldRole::Exposure) <= 1 && with(FieldRole::AgeFrom) <= 1,
            "{name} has one exposure and one age"
        );
        let required = kind.fields.values().filter(|field| field.required).count();
        assert!((1..=2).contains(&required), "{name} is lenient with partial senders");
    });
}

#[test]
fn titles_name_declared_fields_and_no_health_information() {
    each_type(|_, name, kind| {
        let placeholders = kind.title.split('{').skip(1).filter_map(|part| part.split(['|', '}']).next());
        for placeholder in placeholders {
            let field = kind
                .fields
                .get(placeholder)
                .unwrap_or_else(|| panic!("{name} declares {placeholder}"));
            assert_ne!(
                field.class,
                FieldClass::Phi,
                "the title of {name} goes into lists and notifications"
            );
        }
    });
}

#[test]
fn queues_are_short_and_escalation_ends() {
    for (pack, _) in &samples() {
        for (name, queue) in &pack.queues {
            assert!(queue.label.chars().count() <= 18, "{name} has a short label");
            let mut seen = BTreeSet::from([name.as_str()]);
            let mut next = queue.escalates_to.as_deref();
            while let Some(name) = next {
                assert!(seen.insert(name), "escalation of {name} goes round in circles");
                next = pack.queues[name].escalates_to.as_deref();
            }
        }
    }
}

#[test]
fn seeds_send_from_declared_systems_and_keep_to_their_share() {
    for (pack, _) in &samples() {
        let shares: u32 = pack
            .exception_types
            .values()
            .filter_map(|kind| kind.seed.as_ref())
            .map(|seed| seed.weight)
            .sum();
        assert_eq!(shares, 100, "the weights of {} are percentages", pack.domain);
    }
    each_type(|pack, name, kind| {
        let sources = kind.seed.iter().flat_map(|seed| seed.sources.keys());
        let unknown: Vec<_> = sources.filter(|source| !pack.source_systems.contains(source)).collect();
        assert!(unknown.is_empty(), "{name} is sent from {unknown:?}");
    });
}
