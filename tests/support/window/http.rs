//! One HTTP/1.1 exchange with a program on this machine: all that WebDriver needs.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::Outcome;

/// Longer than any command of a test takes; scripts have shorter limits of their own.
const PATIENCE: Duration = Duration::from_secs(240);

/// Ports that nobody listens at, held together until all are found: one alone may be given twice. Another program may
/// still take one before we do.
pub fn free_ports<const N: usize>() -> Outcome<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

/// Sends `body` and gives the answer's status and JSON.
pub fn call(port: u16, method: &str, path: &str, body: Option<&Value>) -> Outcome<(u16, Value)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .map_err(|error| format!("{method} {path} was not answered: {error}"))?;
    parse(&answer).map_err(|error| format!("{method} {path}: {error}").into())
}

fn parse(answer: &[u8]) -> Outcome<(u16, Value)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or_else(|| format!("no whole answer, {} bytes", answer.len()))?;
    let head = std::str::from_utf8(&answer[..end])?;
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    let chunked = head.to_ascii_lowercase().contains("\r\ntransfer-encoding: chunked");
    let body = match chunked {
        true => unchunk(&answer[end + 4..])?,
        false => answer[end + 4..].to_vec(),
    };
    if body.is_empty() {
        return Ok((status, Value::Null));
    }
    Ok((status, serde_json::from_slice(&body)?))
}

fn unchunk(mut chunks: &[u8]) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = chunks.windows(2).position(|two| two == b"\r\n").ok_or("a cut chunk")?;
        let size = std::str::from_utf8(&chunks[..line])?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        let from = line + 2;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(chunks.get(from..from + size).ok_or("a cut chunk")?);
        chunks = chunks.get(from + size + 2..).ok_or("a cut chunk")?;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() -> crate::Done {
        let ports: [u16; 500] = free_ports()?;
        assert_eq!(BTreeSet::from(ports).len(), ports.len());
        Ok(())
    }
}
