//! Starts Loket; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    loket::app::main()
}
