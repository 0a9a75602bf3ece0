//! What systemd is told, if it is there.

/// A state of the service.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    Ready,
    Reloading,
    Alive,
    Stopping,
}

#[cfg(unix)]
pub(super) fn tell(told: Told) {
    use sd_notify::NotifyState;
    let states = match told {
        Told::Ready => vec![NotifyState::Ready],
        // the reload protocol asks for the time of a clock that can't be set
        Told::Reloading => {
            NotifyState::monotonic_usec_now().map(|now| vec![NotifyState::Reloading, now]).unwrap_or_default()
        }
        Told::Alive => vec![NotifyState::Watchdog],
        Told::Stopping => vec![NotifyState::Stopping],
    };
    // without systemd there is nothing to tell
    let _ = sd_notify::notify(&states);
}

#[cfg(not(unix))]
pub(super) fn tell(_: Told) {}
