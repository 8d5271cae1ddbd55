//! The pool of decoders with the real child: children are kept, replaced, ended, and outlive whoever asked first.

mod common;

use std::{
    path::PathBuf,
    process::Command,
    sync::mpsc::{RecvTimeoutError, channel},
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use common::{Done, HANG, PROGRAM, dicom, png};
use decode::{Decoders, Limits, MOST_CHILDREN, Source, Urgency, Wanted};
use domain::FailureCode;

fn pool() -> Decoders {
    Decoders::new(PROGRAM.into(), Limits::default())
}

fn ask(pool: &Decoders, urgency: Urgency) -> Result<(), decode::DecodeError> {
    let file = dicom(2, 2, &[0; 8]);
    pool.ask(Source::Bytes(&file), &Wanted::All, urgency).map(drop)
}

/// Process ids of the children of this process, of whichever thread, that run the decoder under these limits.
fn children(limits: &Limits) -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    let argument = serde_json::to_string(limits)?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(id) = entry?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let read =
            |name: &str| std::fs::read_to_string(PathBuf::from(format!("/proc/{id}/{name}"))).unwrap_or_default();
        let parent = read("status")
            .lines()
            .find_map(|l| l.strip_prefix("PPid:").map(|p| p.trim().to_owned()));
        if parent == Some(std::process::id().to_string()) && read("cmdline").contains(&argument) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Waits until so many children are there.
fn becomes(limits: &Limits, count: usize) -> Done {
    let started = Instant::now();
    while children(limits)?.len() != count {
        assert!(started.elapsed() < HANG, "there are not {count} children");
        sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Limits by which the children of one test are known.
fn marked(mark: u64) -> Limits {
    Limits {
        max_inflated_bytes: mark,
        ..Limits::default()
    }
}

#[test]
fn a_child_is_kept_for_the_next_file_whoever_asks() -> Done {
    let pool = pool();
    ask(&pool, Urgency::Work)?;
    // A child dies with the thread that started it, and these end.
    for urgency in [Urgency::Screen, Urgency::Work, Urgency::Thumbnail] {
        scope(|scope| scope.spawn(|| ask(&pool, urgency)).join()).map_err(|_| "the thread panicked")??;
    }
    ask(&pool, Urgency::Work)?;
    assert_eq!(pool.started(), 1);
    Ok(())
}

#[test]
fn whoever_refused_a_file_or_had_many_has_no_other() -> Done {
    let limits = marked(77_005);
    let pool = Decoders::new(PROGRAM.into(), limits.clone());
    ask(&pool, Urgency::Work)?;
    let damaged = &dicom(2, 2, &[0; 8])[..200];
    let refused = pool.ask(Source::Bytes(damaged), &Wanted::All, Urgency::Work);
    assert!(refused.is_err_and(|error| error.code != FailureCode::DecoderDied));
    assert_eq!((pool.started(), children(&limits)?.len()), (1, 0));
    (0..600).try_for_each(|_| ask(&pool, Urgency::Work))?;
    let started = pool.started();
    assert!(
        (3..=5).contains(&started),
        "{started} children were started for 600 files"
    );
    Ok(())
}

#[test]
fn no_more_children_run_than_the_pool_may_have() -> Done {
    let limits = marked(77_001);
    let pool = Decoders::new(PROGRAM.into(), limits.clone());
    scope(|scope| {
        let askers: Vec<_> = (0..12)
            .map(|asker| {
                let urgency = [Urgency::Screen, Urgency::Work, Urgency::Thumbnail][asker % 3];
                let pool = &pool;
                scope.spawn(move || (0..20).try_for_each(|_| ask(pool, urgency)))
            })
            .collect();
        askers.into_iter().try_for_each(|asker| match asker.join() {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("the thread panicked".to_owned()),
        })
    })?;
    let started = usize::try_from(pool.started())?;
    assert!(
        (1..=MOST_CHILDREN).contains(&started),
        "{started} children were started"
    );
    assert_eq!(children(&limits)?.len(), started);
    Ok(())
}

#[test]
fn a_screen_does_not_wait_behind_the_queue_of_an_import() -> Done {
    let pool = pool();
    let imports = [pool.turn(Urgency::Work), pool.turn(Urgency::Work)];
    let (tell, told) = channel();
    scope(|scope| {
        for asker in 0..8 {
            let (pool, tell) = (&pool, tell.clone());
            scope.spawn(move || {
                let turn = pool.turn(Urgency::Work);
                let _ = tell.send(asker);
                drop(turn);
            });
        }
        // They wait, and the screen does not.
        assert_eq!(
            told.recv_timeout(Duration::from_millis(200)),
            Err(RecvTimeoutError::Timeout)
        );
        let screen = ask(&pool, Urgency::Screen);
        assert!(told.try_recv().is_err(), "an import went first");
        drop(imports);
        let served: Vec<i32> = (0..8).filter_map(|_| told.recv_timeout(HANG).ok()).collect();
        assert_eq!(served.len(), 8);
        screen
    })?;
    Ok(())
}

#[test]
fn a_child_that_died_is_replaced() -> Done {
    let limits = marked(77_002);
    let pool = Decoders::new(PROGRAM.into(), limits.clone());
    ask(&pool, Urgency::Work)?;
    let [id] = children(&limits)?[..] else {
        return Err("not one child".into());
    };
    assert!(
        Command::new("kill")
            .args(["-KILL", &id.to_string()])
            .status()?
            .success()
    );
    // Until it is waited for, the kernel says of a dead one that it is a zombie.
    let is_dead = || !std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z"));
    let started = Instant::now();
    while !is_dead() && started.elapsed() < HANG {
        sleep(Duration::from_millis(5));
    }
    ask(&pool, Urgency::Work)?;
    assert_eq!(pool.started(), 2);
    // One that dies of a file takes no slot with it.
    let tight = Limits {
        memory_bytes: 32 << 20,
        ..marked(77_003)
    };
    let pool = Decoders::new(PROGRAM.into(), tight);
    let large = png(4096, 8192)?;
    for _ in 0..2 * MOST_CHILDREN {
        let died = pool.ask(Source::Bytes(&large), &Wanted::All, Urgency::Work).err();
        assert_eq!(died.map(|error| error.code), Some(FailureCode::DecoderDied));
    }
    ask(&pool, Urgency::Thumbnail)?;
    Ok(())
}

#[test]
fn children_started_ahead_and_let_go_are_there_and_gone() -> Done {
    let limits = marked(77_004);
    let pool = Decoders::new(PROGRAM.into(), limits.clone());
    pool.start_ahead()?;
    becomes(&limits, 1)?;
    ask(&pool, Urgency::Screen)?;
    assert_eq!(pool.started(), 1);
    let mut busy = pool.turn(Urgency::Work);
    busy.ask(Source::Bytes(&dicom(2, 2, &[0; 8])), &Wanted::Middle)?;
    ask(&pool, Urgency::Screen)?;
    assert_eq!((pool.started(), children(&limits)?.len()), (2, 2));
    pool.let_go();
    assert_eq!(children(&limits)?.len(), 1);
    drop(busy);
    assert_eq!(children(&limits)?, Vec::<u32>::new());
    ask(&pool, Urgency::Screen)?;
    drop(pool);
    becomes(&limits, 0)?;
    Ok(())
}
