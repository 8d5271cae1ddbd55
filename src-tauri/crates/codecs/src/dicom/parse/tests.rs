mod rewritten;

use super::*;

fn code(bytes: &[u8], encoding: Encoding) -> Option<FailureCode> {
    parse(bytes, encoding, 64).err().map(|e| e.code)
}

#[test]
fn a_length_beyond_the_file_is_refused() {
    // The 260-byte file that drove a reader to 4.2 GB.
    let mut file = b"\x08\0\x05\0\xf0\xff\xff\xff".to_vec();
    file.resize(260, 0x20);
    assert_eq!(code(&file, Encoding::IMPLICIT), Some(FailureCode::Truncated));
    assert_eq!(
        code(b"\x28\0\x10\0US\x02\0\x40", Encoding::EXPLICIT),
        Some(FailureCode::Truncated)
    );
    assert_eq!(code(b"\x28\0\x10", Encoding::EXPLICIT), Some(FailureCode::Truncated));
}

#[test]
fn sequences_nest_to_the_limit_and_not_deeper() {
    let nested = |levels: usize| {
        let open = b"\x28\0\x10\x91SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff".repeat(levels);
        let close = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0".repeat(levels);
        [open, close].concat()
    };
    assert_eq!(code(&nested(64), Encoding::EXPLICIT), None);
    assert_eq!(code(&nested(65), Encoding::EXPLICIT), Some(FailureCode::LimitExceeded));
    assert_eq!(
        code(&nested(20_000), Encoding::EXPLICIT),
        Some(FailureCode::LimitExceeded)
    );
}

#[test]
fn the_same_element_reads_alike_in_every_encoding() -> Result<(), DecodeError> {
    let cases: [(&[u8], Encoding); 3] = [
        (b"\x28\0\x10\0\x02\0\0\0\x40\x01", Encoding::IMPLICIT),
        (b"\x28\0\x10\0US\x02\0\x40\x01", Encoding::EXPLICIT),
        (b"\0\x28\0\x10US\0\x02\x01\x40", Encoding::EXPLICIT_BIG_ENDIAN),
    ];
    for (bytes, encoding) in cases {
        assert_eq!(parse(bytes, encoding, 64)?.uint(tag::ROWS), Some(320), "{encoding:?}");
    }
    Ok(())
}

#[test]
fn an_element_without_vr_in_an_explicit_data_set_is_read() -> Result<(), DecodeError> {
    let set = parse(
        b"\x28\0\x10\0\x02\0\0\0\x40\x01\x28\0\x11\0US\x02\0\x41\x01",
        Encoding::EXPLICIT,
        64,
    )?;
    assert_eq!((set.uint(tag::ROWS), set.uint(tag::COLUMNS)), (Some(320), Some(321)));
    Ok(())
}
