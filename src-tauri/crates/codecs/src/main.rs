//! `overread-decoder`: see the library `codecs`.

fn main() -> std::process::ExitCode {
    codecs::serve(std::env::args().nth(1))
}
