//! Connections by address, so that no caller takes those of all others.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex},
};

use ipnet::IpNet;

use crate::lock::lock;

/// Places of connections, by address.
#[derive(Debug)]
pub struct Places {
    most: u32,
    exempt: Vec<IpNet>,
    taken: Mutex<HashMap<IpAddr, u32>>,
}

/// The place of a connection, free when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    /// None where the address is exempt.
    of: Option<IpAddr>,
}

impl Places {
    /// A number of places for each address, and any number for addresses of some networks, behind which many callers stand.
    pub fn new(most: u32, exempt: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self {
            most,
            exempt,
            taken: Mutex::default(),
        })
    }

    /// A place for a connection from an address; none where it has as many as it may.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let exempt = address.is_loopback() || self.exempt.iter().any(|network| network.contains(&address));
        let of = (!exempt).then(|| subscriber(address));
        if let Some(of) = of {
            let mut taken = lock(&self.taken);
            let count = taken.entry(of).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            places: Arc::clone(self),
            of,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(of) = self.of else { return };
        let mut taken = lock(&self.places.taken);
        if let Some(count) = taken.get_mut(&of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&of);
            }
        }
    }
}

/// The unit that one caller usually has: an address, or with IPv6 a network of 64 bits (RFC 6177).
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_places_and_no_more() {
        let places = Places::new(2, Vec::new());
        let held = ["192.0.2.1", "192.0.2.1"].map(|text| places.take(address(text)).expect("a place"));
        assert!(places.take(address("::ffff:192.0.2.1")).is_none(), "the same in another notation");
        assert!(places.take(address("192.0.2.2")).is_some());
        drop(held);
        assert!(places.take(address("192.0.2.1")).is_some());
        assert!(lock(&places.taken).is_empty(), "nothing is kept of those that left");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_caller() {
        let places = Places::new(1, Vec::new());
        let _held = places.take(address("2001:db8::1")).expect("a place");
        assert!(places.take(address("2001:db8::ffff:1")).is_none());
        assert!(places.take(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn loopback_and_trusted_proxies_are_exempt() {
        let places = Places::new(0, vec!["10.0.0.0/8".parse().expect("a network")]);
        for exempt in ["127.0.0.1", "::1", "10.1.2.3"] {
            assert!(places.take(address(exempt)).is_some(), "{exempt}");
        }
        assert!(places.take(address("192.0.2.1")).is_none());
    }
}
