//! How old work is, in business days, in the buckets that operations count in.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::{calendar::Calendar, pack::Pack};

/// Upper ends of the buckets, in business days, included; the last bucket has none. The usual ones of break ageing: 0–1, 2–5, 6–30, more.
pub const ENDS: [i64; 3] = [1, 5, 30];

/// A bucket of ages and the days from which they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Youngest age, in business days.
    pub least: i64,
    /// Oldest age, in business days; `None` for any.
    pub most: Option<i64>,
    /// First day; `None` for any.
    pub from: Option<NaiveDate>,
    /// Day behind the last; `None` for any.
    pub to: Option<NaiveDate>,
}

/// The buckets of a type at a time, youngest first: together they hold every day once.
pub fn buckets(pack: &Pack, exception_type: &str, at: DateTime<Utc>) -> Vec<Bucket> {
    let kind = pack.exception_type(exception_type);
    let calendar = kind.and_then(|kind| pack.calendar(kind.policy.calendar.as_deref()?));
    let today = calendar.map_or(at.date_naive(), |calendar| calendar.local_date(at));
    let mut buckets = Vec::new();
    let (mut least, mut to) = (0, None);
    for most in ENDS {
        let from = first_day(calendar, today, most);
        buckets.push(Bucket {
            least,
            most: Some(most),
            from: Some(from),
            to,
        });
        (least, to) = (most + 1, Some(from));
    }
    buckets.push(Bucket {
        least,
        most: None,
        from: None,
        to,
    });
    buckets
}

/// The first day whose age today is at most `age`.
fn first_day(calendar: Option<&Calendar>, today: NaiveDate, age: i64) -> NaiveDate {
    let Some(calendar) = calendar else {
        return today - Days::new(age.unsigned_abs());
    };
    // The last business day that is one too old; the day after it is not any more, or neither are those before the next business day.
    let mut day = calendar.add_business_days(today, -(age + 1));
    while calendar.business_days_between(day, today) > age {
        day = day.succ_opt().unwrap_or(NaiveDate::MAX);
    }
    while let Some(before) = day
        .pred_opt()
        .filter(|before| calendar.business_days_between(*before, today) <= age)
    {
        day = before;
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_in_the_bucket_of_its_age() {
        let pack = Pack::parse(include_str!("../testdata/bakery.json")).expect("a whole pack");
        let calendar = pack.calendar("shop").expect("there");
        // Through Christmas and over weekends, from every day of three weeks.
        for shift in 0..21 {
            let at = DateTime::from_timestamp(1_798_000_000 + shift * 86_400, 0).expect("valid");
            let today = calendar.local_date(at);
            let buckets = buckets(&pack, "BURNT_BREAD", at);
            for day in today
                .pred_opt()
                .expect("a day")
                .iter_days()
                .take(2)
                .chain((0..90).map(|back| today - Days::new(back)))
            {
                let age = calendar.business_days_between(day, today);
                let holding: Vec<&Bucket> = buckets
                    .iter()
                    .filter(|bucket| bucket.from.is_none_or(|from| day >= from) && bucket.to.is_none_or(|to| day < to))
                    .collect();
                let [bucket] = holding[..] else { panic!("{day} is in {holding:?}") };
                let fits = (age >= bucket.least || bucket.least == 0) && bucket.most.is_none_or(|most| age <= most);
                assert!(fits, "{day} is {age} business days before {today} and in {bucket:?}");
            }
        }
    }
}
