//! The words of the command line are whole, and those of the guides are read.

use clap::CommandFactory;

use super::*;

/// Arguments of the command and those below it that help says nothing of.
fn without_help(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter(|one| one.get_help().is_none());
    let own = own.map(|one| format!("{} {}", command.get_name(), one.get_id()));
    own.chain(command.get_subcommands().flat_map(without_help)).collect()
}

#[test]
fn help_says_what_each_word_is() {
    assert_eq!(without_help(&Arguments::command()), Vec::<String>::new());
}

#[test]
fn the_formats_of_a_report_are_listed_and_read() {
    let mut command = Arguments::command();
    let report = command.find_subcommand_mut("report");
    let help = report
        .map(|report| report.render_help().to_string())
        .unwrap_or_default();
    for format in ReportFormat::ALL {
        assert!(help.contains(format.as_str()), "{help}");
        for word in [format.as_str().to_owned(), format.as_str().to_uppercase()] {
            let words = ["overread", "report", "1.2", "--out", "x", "--format", &word];
            let read = Arguments::try_parse_from(words).ok().map(|read| read.verb);
            assert!(
                matches!(read, Some(Verb::Report { format: read, .. }) if read == *format),
                "{word}"
            );
        }
    }
    assert!(Arguments::try_parse_from(["overread", "report", "1.2", "--out", "x", "--format", "docx"]).is_err());
}

#[test]
fn the_command_line_is_well_formed() {
    Arguments::command().debug_assert();
}

/// The words of a line of shell: quoted ones stay together.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (at, part) in line.split('\'').enumerate() {
        let last = words.len() - 1;
        if at % 2 == 1 {
            words[last].push_str(part);
            continue;
        }
        let mut pieces = part.split(' ');
        words[last].push_str(pieces.next().unwrap_or_default());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_guide_is_understood() {
    let guide = include_str!("../../../../docs/guide/command-line.md");
    let code = guide.split("```").skip(1).step_by(2);
    let lines = code.flat_map(str::lines).map(|line| line.trim_start_matches("$ "));
    let commands: Vec<&str> = lines.filter(|line| line.starts_with("overread ")).collect();
    assert!(commands.len() > 10, "the guide's commands were not found: {commands:?}");
    for command in commands {
        let parsed = Arguments::try_parse_from(shell_words(command));
        assert!(
            parsed.is_ok(),
            "{command}: {}",
            parsed.err().map(|e| e.to_string()).unwrap_or_default()
        );
    }
}

#[test]
fn wrong_usage_is_refused() {
    for words in [
        "overread",
        "overread frobnicate",
        "overread review abc",
        "overread review abc --accept --reject",
        "overread review abc --unsure --accept",
        "overread opinion 1.2.3",
        "overread opinion 1.2.3 --normal --unsure",
        "overread vault policy --read-first maybe",
        "overread vault backup",
        "overread import",
        "overread list --sort size",
        "overread analyze a.png --new",
        "overread analyze a.png --device gpu",
        "overread analyze --new --bundle b --allow-unsigned",
        "overread analyze a.png --age 0",
        "overread analyze a.png --age 200",
        "overread analyze a.png --age -3",
        "overread analyze a.png --sequence t2",
        "overread import a.png --age 0",
        "overread import a.png --view sideways-or-so-it-seems",
        "overread models activate brain",
        "overread train --data d --out o",
        "overread train --data d --out o --bundle b --recipe r.json",
        "overread evaluate --bundle b --manifest m.csv --attack fgsm",
        "overread evaluate --bundle b --manifest m.csv --attack-images 20",
    ] {
        assert!(Arguments::try_parse_from(words.split(' ')).is_err(), "{words}");
    }
    for words in [
        "overread list --json --vault v",
        "overread analyze a.png --sequence FLAIR --age 45",
        "overread import a.png --sequence t1c --age 4.5 --view pa",
        "overread models activate brain 0.3.0 --vault v",
        "overread train --data d --out o --recipe r.json",
        "overread evaluate --bundle b --manifest m.csv",
        "overread evaluate --bundle b --manifest m.csv --split val --out o --attack pgd --attack-images 20",
    ] {
        assert!(Arguments::try_parse_from(words.split(' ')).is_ok(), "{words}");
    }
}
