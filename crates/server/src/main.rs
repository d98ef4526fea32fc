//! The binary `sentinai`.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
