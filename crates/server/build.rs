//! Builds again when the desk or the packs inside the binary change.

fn main() {
    println!("cargo::rerun-if-changed=../../ui/dist");
    println!("cargo::rerun-if-changed=../../domainpacks");
}
