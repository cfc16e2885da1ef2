//! Code as Lambda takes it: a zip with the file `bootstrap` in it.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The file that the runtime `provided.al2023` starts.
const BOOTSTRAP: &str = "bootstrap";

/// Amazon Linux 2023, of which `provided.al2023` is made, has glibc 2.34.
const NEWEST_GLIBC: u32 = 34;

/// What a program is made for (the words of Lambda's `Architectures`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// `arm64`.
    Arm64,
    /// `x86_64`.
    X86,
}

/// Code that Lambda can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The zip.
    pub zip: Vec<u8>,
    /// What the program in it is made for; `None`: it is a script.
    pub machine: Option<Machine>,
}

/// The code of a file: a zip with a `bootstrap` that can be started, or the program itself, which is packed here. The same
/// file always makes the same zip.
///
/// # Errors
/// Why Lambda could not start it, as the end of a sentence that begins with the file's name.
pub fn package(file: Vec<u8>) -> Result<Package, String> {
    if file.starts_with(b"\x7fELF") {
        let machine = machine(&file)?;
        startable(&file)?;
        let zip = packed(&file).map_err(|error| format!("cannot be packed: {error}."))?;
        return Ok(Package { zip, machine });
    }
    if !file.starts_with(b"PK") {
        return Err("is neither a zip nor a program for Linux.".into());
    }
    let told = |error: zip::result::ZipError| format!("is no zip that can be read: {error}.");
    let mut archive = ZipArchive::new(Cursor::new(&file)).map_err(told)?;
    let mut entry = archive
        .by_name(BOOTSTRAP)
        .map_err(|_| format!("holds no file '{BOOTSTRAP}' at its top, which is what Lambda starts."))?;
    if entry.unix_mode().is_some_and(|mode| mode & 0o111 == 0) {
        return Err(format!("holds a '{BOOTSTRAP}' that is not executable: Lambda could not start it. Pack it anew."));
    }
    let mut program = Vec::new();
    // Lambda takes 250 MB of unpacked code ("Lambda quotas"); what is longer is cut, and refused there.
    entry
        .by_ref()
        .take(250 << 20)
        .read_to_end(&mut program)
        .map_err(|error| format!("cannot be unpacked: {error}."))?;
    drop(entry);
    let machine = if program.starts_with(b"#!") { None } else { machine(&program)? };
    startable(&program)?;
    Ok(Package { zip: file, machine })
}

/// Whether Lambda has the C library that a program asks for. It asks by naming symbol versions in clear: `GLIBC_2.34`.
fn startable(program: &[u8]) -> Result<(), String> {
    const NAMED: &[u8] = b"GLIBC_2.";
    let minor = |at: usize| {
        let digits = program.get(at + NAMED.len()..)?.iter().take_while(|byte| byte.is_ascii_digit()).take(3);
        digits.map(|digit| u32::from(digit - b'0')).reduce(|number, digit| number * 10 + digit)
    };
    let named = memchr::memmem::find_iter(program, NAMED);
    match named.filter_map(minor).max() {
        Some(asked) if asked > NEWEST_GLIBC => Err(format!(
            "asks for glibc 2.{asked}, and Lambda's provided.al2023 has 2.{NEWEST_GLIBC}: it would not start there."
        )),
        _ => Ok(()),
    }
}

/// What a program is made for, by the header of its ELF file (`e_machine`).
fn machine(program: &[u8]) -> Result<Option<Machine>, String> {
    match (program.starts_with(b"\x7fELF"), program.get(18..20)) {
        (true, Some([0xb7, 0])) => Ok(Some(Machine::Arm64)),
        (true, Some([0x3e, 0])) => Ok(Some(Machine::X86)),
        (true, _) => Err("is a program for a machine that Lambda does not have.".into()),
        (false, _) => Err(format!("holds a '{BOOTSTRAP}' that is neither a program for Linux nor a script.")),
    }
}

fn packed(program: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(BOOTSTRAP, options)?;
    writer.write_all(program)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(machine: u8) -> Vec<u8> {
        let mut head = vec![0; 64];
        head[..4].copy_from_slice(b"\x7fELF");
        head[18] = machine;
        head
    }

    fn asking(glibc: &str) -> Vec<u8> {
        [elf(0x3e).as_slice(), b"\0GLIBC_2.4\0GLIBC_", glibc.as_bytes(), b"\0"].concat()
    }

    fn zipped(name: &str, mode: u32, bytes: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_program_is_packed_and_always_alike() {
        let made = package(elf(0xb7)).unwrap();
        assert_eq!(made.machine, Some(Machine::Arm64));
        assert_eq!(package(elf(0xb7)).unwrap(), made);
        let again = package(made.zip.clone()).unwrap();
        assert_eq!((again.zip, again.machine), (made.zip, Some(Machine::Arm64)), "what is a zip stays as it is");
    }

    #[test]
    fn what_asks_for_the_c_library_that_lambda_has_is_taken() {
        assert_eq!(package(asking("2.34")).unwrap().machine, Some(Machine::X86));
        assert_eq!(package(asking("PRIVATE")).unwrap().machine, Some(Machine::X86));
    }

    #[test]
    fn a_zip_says_what_its_program_is_made_for() {
        assert_eq!(package(zipped("bootstrap", 0o755, &elf(0x3e))).unwrap().machine, Some(Machine::X86));
        assert_eq!(package(zipped("bootstrap", 0o755, b"#!/bin/sh\n")).unwrap().machine, None);
    }

    #[test]
    fn what_lambda_could_not_start_is_refused() {
        for (file, why) in [
            (zipped("target/bootstrap", 0o755, &elf(0x3e)), "holds no file 'bootstrap'"),
            (zipped("bootstrap", 0o644, &elf(0x3e)), "not executable"),
            (zipped("bootstrap", 0o755, b"text"), "neither a program for Linux nor a script"),
            (elf(0x08), "a machine that Lambda does not have"),
            (asking("2.36"), "asks for glibc 2.36, and Lambda's provided.al2023 has 2.34"),
            (zipped("bootstrap", 0o755, &asking("2.39")), "asks for glibc 2.39"),
            (b"text".to_vec(), "neither a zip nor a program"),
            (b"PK\x03\x04 and no more".to_vec(), "no zip that can be read"),
        ] {
            let said = package(file).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
