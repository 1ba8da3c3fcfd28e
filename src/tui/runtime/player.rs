//! Plays voice notes by a program of the machine: the person's own, else the first that is found.
//!
//! Invariants: no shell reads a path; the program writes nothing to the terminal and does not inherit secrets; it ends when
//! it is stopped, when another begins and when the screen ends, however that ends.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::config::Environment;
use crate::engine::Client;
use crate::engine::process_group::{ProcessGroup, own_program};
use crate::tui::effect::PlayRequest;
use crate::tui::message::{Msg, PlayError};

/// Programs that play voice notes, the best first, each with its arguments.
const PLAYERS: [&[&str]; 6] = [
    &["mpv", "--no-video"],
    &["ffplay", "-nodisp", "-autoexit"],
    &["afplay"],
    &["paplay"],
    &["cvlc", "--play-and-exit"],
    &["aplay", "-q"],
];

/// Plays one file at a time.
pub(super) struct Player {
    client: Client,
    answers: mpsc::UnboundedSender<Msg>,
    playing: Option<JoinHandle<()>>,
}

impl Player {
    pub(super) fn new(client: Client, answers: mpsc::UnboundedSender<Msg>) -> Self {
        Player { client, answers, playing: None }
    }

    /// Plays a file; what is playing stops.
    pub(super) fn play(&mut self, request: PlayRequest) {
        self.stop();
        let (answers, hidden) = (self.answers.clone(), self.client.hidden_variables());
        let own = self.client.settings().media.audio_player.clone();
        self.playing = Some(tokio::spawn(async move {
            let message = request.message;
            let result = play(&request, own, &hidden, &answers).await;
            // While the program ends, nobody receives the answer any more.
            let _ = answers.send(Msg::PlaybackEnded { message, result });
        }));
    }

    /// Stops what is playing. Its end is not reported.
    pub(super) fn stop(&mut self) {
        if let Some(playing) = self.playing.take() {
            playing.abort();
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn play(
    request: &PlayRequest,
    own: Option<Vec<String>>,
    hidden: &[OsString],
    answers: &mpsc::UnboundedSender<Msg>,
) -> Result<(), PlayError> {
    let environment = Environment::process();
    let is_set = |name: &str| environment.text(name).is_some_and(|value| !value.is_empty());
    // A sound server of the person's own machine can be reached through the connection.
    if (is_set("SSH_CONNECTION") || is_set("SSH_TTY")) && !is_set("PULSE_SERVER") {
        return Err(PlayError::OverSsh);
    }
    let directories: Vec<PathBuf> =
        environment.text("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let Some(argv) = own.or_else(|| first_found(&directories, &request.path)) else { return Err(PlayError::NoPlayer) };
    let program = argv.first().cloned().unwrap_or_default();
    let failed = |reason: String| PlayError::Failed { program: program.clone(), reason };
    if !is_found(&program, &directories) {
        return Err(failed("not found".to_owned()));
    }
    let (argv, can_seek) = with_file(argv, request);
    let mut child = spawn(&argv, hidden).map_err(|error| failed(error.to_string()))?;
    let _group = ProcessGroup::of(&child);
    // Waiting would close it, and the guard ends the player then.
    let _open = child.stdin.take();
    let _ = answers.send(Msg::PlaybackStarted { message: request.message, can_seek });
    let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}

/// The first player that is there and plays such a file.
fn first_found(directories: &[PathBuf], file: &Path) -> Option<Vec<String>> {
    // It takes everything else for raw samples, which is noise.
    let is_wave = file.extension().is_some_and(|extension| extension == "wav");
    let mut players = PLAYERS.iter().filter(|player| player.first() != Some(&"aplay") || is_wave);
    let found = players.find(|player| player.first().is_some_and(|program| is_found(program, directories)))?;
    Some(found.iter().map(|word| (*word).to_owned()).collect())
}

fn is_found(program: &str, directories: &[PathBuf]) -> bool {
    let is_file = |path: &Path| path.is_file() || path.with_extension("exe").is_file();
    if Path::new(program).components().count() > 1 {
        return is_file(Path::new(program));
    }
    directories.iter().any(|directory| is_file(&directory.join(program)))
}

/// The arguments for a file from a place on and at a speed, where the program is known to take them, and whether it is.
fn with_file(mut argv: Vec<String>, request: &PlayRequest) -> (Vec<String>, bool) {
    let program =
        argv.first().map(Path::new).and_then(Path::file_stem).and_then(|name| name.to_str()).unwrap_or_default();
    let from = decimal(request.from);
    let speed = format!("{}.{:02}", request.speed / 100, request.speed % 100);
    let more: Option<Vec<String>> = match program {
        "mpv" => Some(vec!["--no-terminal".into(), format!("--start={from}"), format!("--speed={speed}")]),
        "ffplay" => {
            Some(["-loglevel", "quiet", "-ss", &from, "-af", &format!("atempo={speed}")].map(str::to_owned).to_vec())
        }
        "cvlc" => Some(vec![format!("--start-time={from}"), format!("--rate={speed}")]),
        _ => None,
    };
    let can_seek = more.is_some();
    argv.extend(more.unwrap_or_default());
    argv.push(request.path.to_string_lossy().into_owned());
    (argv, can_seek)
}

/// Seconds with two decimals.
fn decimal(span: Duration) -> String {
    format!("{}.{:02}", span.as_secs(), span.subsec_millis() / 10)
}

/// Runs the program in a process group of its own, under a guard that ends it when this process is killed.
fn spawn(argv: &[String], hidden: &[OsString]) -> std::io::Result<Child> {
    let guard = own_program().filter(|_| cfg!(unix));
    let (program, arguments) = argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut command = guard.as_ref().map_or_else(|| Command::new(program), Command::new);
    command.stdin(Stdio::null());
    if guard.is_some() {
        // The pipe closes when this process ends, however it ends.
        command.args(["guard", "--", program]).stdin(Stdio::piped());
    }
    for name in hidden {
        command.env_remove(name);
    }
    #[cfg(unix)]
    command.process_group(0);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::domain::MessageId;

    fn request(speed: u16) -> PlayRequest {
        PlayRequest { message: MessageId(1), path: "/data/x.ogg".into(), from: Duration::from_millis(3270), speed }
    }

    #[test]
    fn the_first_player_that_is_there_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let directories = [dir.path().to_owned()];
        let found = |file: &str| first_found(&directories, Path::new(file)).map(|argv| argv[0].clone());
        assert_eq!(found("a.ogg"), None);
        for (program, for_ogg, for_wave) in
            [("aplay", None, "aplay"), ("cvlc", Some("cvlc"), "cvlc"), ("ffplay", Some("ffplay"), "ffplay")]
        {
            crate::files::replace(&dir.path().join(program), b"").unwrap();
            assert_eq!(found("a.ogg").as_deref(), for_ogg);
            assert_eq!(found("a.wav").as_deref(), Some(for_wave));
        }
    }

    #[test]
    fn place_and_speed_are_told_to_those_that_understand_them() {
        let argv = |words: &[&str], speed| {
            let argv = words.iter().map(|word| (*word).to_owned()).collect();
            let (argv, can_seek) = with_file(argv, &request(speed));
            (argv.join(" "), can_seek)
        };
        let mpv = "/opt/mpv --no-video --no-terminal --start=3.27 --speed=1.50 /data/x.ogg";
        assert_eq!(argv(&["/opt/mpv", "--no-video"], 150), (mpv.to_owned(), true));
        let ffplay = "ffplay -nodisp -autoexit -loglevel quiet -ss 3.27 -af atempo=1.00 /data/x.ogg";
        assert_eq!(argv(&["ffplay", "-nodisp", "-autoexit"], 100), (ffplay.to_owned(), true));
        assert_eq!(argv(&["paplay"], 200), ("paplay /data/x.ogg".to_owned(), false));
    }
}
