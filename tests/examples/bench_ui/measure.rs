//! Times, taken by the page's own clock.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use overread_tests::{Done, Outcome, Window};
use serde_json::{Value, json};

/// When the process began, in milliseconds since 1970; exact to the kernel's tick of 10 ms.
pub fn process_start_ms(id: u32) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("no name in stat")?.1;
    let ticks: f64 = after_name
        .split_whitespace()
        .nth(19)
        .ok_or("no start in stat")?
        .parse()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    let uptime: f64 = fs::read_to_string("/proc/uptime")?
        .split(' ')
        .next()
        .ok_or("no uptime")?
        .parse()?;
    Ok((now - uptime + ticks / 100.0) * 1e3)
}

/// When the page first painted something, in milliseconds since 1970.
pub fn first_paint_ms(window: &Window) -> Outcome<f64> {
    let script = "const paint = performance.getEntriesByName('first-contentful-paint')[0];
        return paint === undefined ? null : performance.timeOrigin + paint.startTime";
    let at = window.wait_until("the first paint", script)?;
    at.as_f64()
        .ok_or_else(|| "the page does not say when it painted".into())
}

/// Waits for an event, and from then on for `ready` (an expression) at the beginning of a frame.
pub fn begin(window: &Window, event: &str, ready: &str) -> Done {
    let script = format!(
        "const meter = {{ began: null, ended: null }};
         window.overread_meter = meter;
         addEventListener(arguments[0], () => (meter.began ??= performance.now()), {{ capture: true, once: true }});
         const look = () => {{
           if (meter.began !== null && ({ready})) meter.ended = performance.now();
           else requestAnimationFrame(look);
         }};
         requestAnimationFrame(look);"
    );
    window.run(&script, &[json!(event)]).map(drop)
}

/// Milliseconds from the event to `ready`.
pub fn end(window: &Window) -> Outcome<f64> {
    let script =
        "const meter = window.overread_meter; return meter.ended === null ? null : meter.ended - meter.began + 0.001";
    window
        .wait_until("the end of what is measured", script)?
        .as_f64()
        .ok_or_else(|| "no time".into())
}

/// Goes to each slice once, so that all are fetched; seconds.
pub fn walk_through(window: &Window, slices: u32) -> Outcome<f64> {
    let script = "const done = arguments[1], began = performance.now();
        const tile = document.querySelector('[data-tile=\"0\"]');
        tile.focus();
        const step = () => {
          if (Number(tile.dataset.slice) >= arguments[0]) return done((performance.now() - began) / 1000);
          tile.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', code: 'ArrowDown', bubbles: true, cancelable: true }));
          setTimeout(step, 40);
        };
        step();";
    let took = window.run_until_called(script, &[json!(slices)])?;
    took.as_f64().ok_or_else(|| "the last slice was not reached".into())
}

/// For each step back through the slices: milliseconds of script, and from the key to the drawn slice.
pub fn scrolling(window: &Window, steps: u32) -> Outcome<(Vec<f64>, Vec<f64>)> {
    let script = "const done = arguments[1];
        const tile = document.querySelector('[data-tile=\"0\"]');
        const task = () => new Promise((go) => { const c = new MessageChannel(); c.port1.onmessage = go; c.port2.postMessage(0); });
        const frame = () => new Promise((go) => requestAnimationFrame(go));
        (async () => {
          const script = [], drawn = [];
          for (let n = 0; n < arguments[0]; n += 1) {
            await frame();
            const before = tile.dataset.slice, began = performance.now();
            tile.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', code: 'ArrowUp', bubbles: true, cancelable: true }));
            await task();
            const handled = performance.now() - began;
            // What the page does in the frame itself runs between the frame's own time and this look at the clock.
            const frame_began = await frame();
            script.push(handled + performance.now() - frame_began);
            while (tile.dataset.slice === before && performance.now() - began < 2000) await frame();
            drawn.push(performance.now() - began);
          }
          done({ script, drawn });
        })();";
    let taken = window.run_until_called(script, &[json!(steps)])?;
    Ok((numbers(&taken["script"]), numbers(&taken["drawn"])))
}

/// Images drawn a second while the mouse is dragged over the tile, one move a frame, for two seconds.
pub fn window_level_rate(window: &Window) -> Outcome<f64> {
    let script = "const done = arguments[0];
        const tile = document.querySelector('[data-tile=\"0\"]'), canvas = tile.querySelector('canvas');
        const box = canvas.getBoundingClientRect();
        let x = box.left + box.width / 2, y = box.top + box.height / 2, n = 0;
        const mouse = (type, buttons) => new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y, button: 0, buttons });
        canvas.dispatchEvent(mouse('mousedown', 1));
        const drawn = Number(tile.dataset.drawn), began = performance.now();
        const move = () => {
          const now = performance.now();
          if (now - began > 2000) {
            canvas.dispatchEvent(mouse('mouseup', 0));
            return done((Number(tile.dataset.drawn) - drawn) / ((now - began) / 1000));
          }
          n += 1;
          x += n % 40 < 20 ? 3 : -3;
          y += n % 24 < 12 ? 2 : -2;
          canvas.dispatchEvent(mouse('mousemove', 1));
          requestAnimationFrame(move);
        };
        requestAnimationFrame(move);";
    window
        .run_until_called(script, &[])?
        .as_f64()
        .ok_or_else(|| "no rate".into())
}

fn numbers(values: &Value) -> Vec<f64> {
    values
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect()
}
