//! `overread-decoder`: decodes one file after another from its standard input, within limits.

fn main() -> std::process::ExitCode {
    decode::serve(std::env::args().nth(1))
}
