//! The tunnel program of the real binary: what it is not told, and that nothing of it survives the engine.

use crate::kit::{Dialect, Home, RunningEngine, account, wait_until};
use std::fs;
use std::process::Command;

/// A wrapper, as people write them: the tunnel proper is its child, and would go on alone.
const WRAPPER: &str = "#!/bin/sh\nenv > \"$1/env\"\nsleep 600 &\necho $! > \"$1/pid.new\"\n\
    mv \"$1/pid.new\" \"$1/pid\"\necho https://satu.example\nwait\n";

fn is_running(pid: i32) -> bool {
    // A killed process that nobody has reaped yet is a zombie.
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::test_kill_process(pid).is_ok() && !state.contains(") Z")
}

/// Starts an engine with the tunnel and returns it with the pid of what the wrapper has started.
fn start(home: &Home) -> (RunningEngine, i32) {
    let pid_file = home.data().join("../pid");
    drop(fs::remove_file(&pid_file));
    let mut command: Command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("TOKO_KEY", "kunci-toko").env("RUSAK_KEY", "kunci-rusak").env("NGROK_AUTHTOKEN", "milik-tunnel");
    let engine = RunningEngine::start(command);
    let pid = wait_until("the tunnel", || fs::read_to_string(&pid_file).ok()?.trim().parse().ok());
    (engine, pid)
}

#[test]
fn a_tunnel_and_all_that_it_started_end_with_the_engine_and_know_no_key() {
    let home = Home::new("");
    let dir = home.data().parent().unwrap().to_owned();
    let wrapper = dir.join("tunnel.sh");
    fs::write(&wrapper, WRAPPER).unwrap();
    let tunnel = format!(
        "[listener]\ntunnel = {{ command = [\"sh\", {:?}, {:?}], url = \"https://[a-z]+.example\" }}\n",
        wrapper.to_str().unwrap(),
        dir.to_str().unwrap()
    );
    let toko = account("toko", Dialect::Chatera, "http://127.0.0.1:9/v1", "");
    let toko = toko.replace("api_key = \"sk_live_kunci\"", "api_key = { env = \"TOKO_KEY\" }");
    let broken = "[[account]]\nname = \"rusak\"\nprovider = 5\napi_key = { env = \"RUSAK_KEY\" }\n";
    home.configure(&format!("{tunnel}{toko}{broken}"));

    let (engine, pid) = start(&home);
    let environment = fs::read_to_string(dir.join("env")).unwrap();
    for hidden in ["kunci-toko", "kunci-rusak", "LOKET_"] {
        assert!(!environment.contains(hidden), "the tunnel knows {hidden}: {environment}");
    }
    assert!(environment.contains("milik-tunnel") && environment.contains("PATH="), "{environment}");
    assert!(is_running(pid));
    assert_eq!(engine.end().code(), Some(0));
    wait_until("the tunnel to end with the engine", || (!is_running(pid)).then_some(()));

    let (engine, pid) = start(&home);
    assert!(is_running(pid));
    engine.kill();
    wait_until("the tunnel to end with a killed engine", || (!is_running(pid)).then_some(()));

    let refused = home.run(&["guard", "--", "echo", "x"]).expect_status(1);
    assert!(refused.err.contains("by the engine only") && refused.out.is_empty(), "{refused:?}");
}
