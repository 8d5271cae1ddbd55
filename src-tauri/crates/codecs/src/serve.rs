use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::AsFd,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use crate::{decode_bytes::decode_with, essence::essence, names, sandbox};
use decode::{
    Limits,
    limits::in_memory,
    protocol,
    unpack::{self, Frame, Other},
};

/// The child's whole life: limits on itself, the handshake, then file after file from standard input
/// until it closes. `limits` are [`Limits`] as JSON. Exit code 2 is wrong usage, 1 a failed start or
/// a parent that went away.
pub fn serve(limits: Option<String>) -> ExitCode {
    let parsed = limits.as_deref().map(serde_json::from_str::<Limits>);
    let Some(Ok(limits)) = parsed else {
        eprintln!("overread-decoder is started by overread and takes its limits as one JSON argument");
        return ExitCode::from(2);
    };
    match serve_files(&limits, sandbox::enter) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("overread-decoder stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers file after file from standard input on standard output, until the input closes. `shut` comes before the first
/// byte is read: [`sandbox::enter`], or what a test compares with it.
///
/// # Errors
/// When `shut` fails, or the parent goes away or does not keep to the protocol.
pub fn serve_files(limits: &Limits, shut: impl FnOnce(&Limits) -> io::Result<()>) -> io::Result<()> {
    sandbox::close_inherited();
    // Unbuffered, for samples leave in large pieces; opened before opening is forbidden.
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    shut(limits)?;
    // A panic is answered as an error; its text would otherwise also reach standard error.
    std::panic::set_hook(Box::new(|_| {}));
    let mut input = io::stdin().lock();
    output.write_all(&protocol::HELLO)?;
    let mut request = [0; protocol::REQUEST_BYTES];
    loop {
        match input.read_exact(&mut request) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        serve_one(&mut input, request, &output, limits)?;
    }
}

fn serve_one(
    input: &mut impl Read,
    request: [u8; protocol::REQUEST_BYTES],
    mut output: &File,
    limits: &Limits,
) -> io::Result<()> {
    match unpack::read_request(request) {
        Some((length, Other::Members)) => {
            return archives::members(input, output, length, limits, &|| sandbox::allow(limits, 0, 0));
        }
        Some((length, Other::Names)) => {
            let bytes = whole(input, length, limits)?;
            let frame = names::names(&bytes, limits).map_or_else(Frame::Failed, Frame::Names);
            return unpack::write_frame(&mut output, &frame);
        }
        Some((length, Other::Essence)) => {
            let bytes = whole(input, length, limits)?;
            let found = catch_unwind(AssertUnwindSafe(|| essence(&bytes))).unwrap_or_default();
            return unpack::write_frame(&mut output, &Frame::Essence(found));
        }
        None => {}
    }
    let (length, wanted) = protocol::read_request(request).ok_or_else(|| io::Error::other("no request"))?;
    let bytes = whole(input, length, limits)?;
    let on_declared = |declared: u64| {
        // Should either fail, the limits of before stand, which is safe.
        let _ = sandbox::allow(limits, length, declared);
        let _ = protocol::write_declared(&mut &*output, declared);
    };
    match decode_with(&bytes, limits, &wanted, &on_declared) {
        Ok(decoded) => protocol::write_picture(&mut output, decoded),
        Err(error) => protocol::write_failed(&mut output, &error),
    }
}

/// Reads a whole file, for which there is room from then on.
fn whole(input: &mut impl Read, length: u64, limits: &Limits) -> io::Result<Vec<u8>> {
    if length > limits.max_file_bytes {
        return Err(io::Error::other(format!("a file of {length} bytes is over the limit")));
    }
    let room = in_memory(length).map_err(io::Error::other)?;
    sandbox::allow(limits, length, 0)?;
    let mut bytes = vec![0; room];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
