//! The service over simulated years: restarts, crashes, clock changes, failures, reloads, runs by hand, a ledger that is moved
//! away. An oracle of its own, which counts in seconds and shares no code with the plan, keeps an account of every slot.

use std::collections::BTreeMap;

use chrono::NaiveTime;

use super::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const JAPAN: i64 = 9 * HOUR;
const RETRY: i64 = 30 * MINUTE;
const UNTIL: i64 = 18 * HOUR;

fn utc(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn schedule(at: &[i64]) -> Schedule {
    let time = |seconds: i64| {
        NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(seconds).unwrap(), 0).unwrap()
    };
    Schedule {
        at: at.iter().copied().map(time).collect(),
        retry: std::time::Duration::from_secs(RETRY.unsigned_abs()),
        until: time(UNTIL),
    }
}

/// What has become of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pending(Tries),
    Settled,
    Missed,
    /// The clock was set back from far beyond it to less than an hour before it: it may be run, and need not be.
    Either,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tries {
    count: u32,
    /// No try before; none after the clock was changed.
    not_before: Option<i64>,
    /// What was refused.
    refused: Option<u64>,
    /// How often nothing was known afterwards.
    unknown: u32,
    /// The set of which nothing is known, and when another one may be tried.
    instead: Option<(u64, i64)>,
}

impl Tries {
    /// Whether it is too early for a try.
    fn early(&self, now: i64, print: u64) -> bool {
        match self.instead {
            Some((sent, from)) if sent != print && self.not_before.is_some() => now < from,
            _ => self.not_before.is_some_and(|time| now < time),
        }
    }
}

/// A row of the ledger.
#[derive(Debug, Clone, Copy)]
struct Row {
    begun: i64,
    ended: Option<i64>,
    end: End,
    own_day: bool,
    print: u64,
}

/// The account of all slots.
#[derive(Debug, Default)]
struct Oracle {
    at: Vec<i64>,
    slots: BTreeMap<i64, Fate>,
    /// The latest time of which something is known: a slot that came, an acceptance, a reload.
    mark: i64,
    told: BTreeMap<&'static str, u64>,
}

impl Oracle {
    fn count(&mut self, what: &'static str) {
        *self.told.entry(what).or_default() += 1;
    }

    /// The clock went on from one time to another: these slots have come.
    fn pass(&mut self, from: i64, to: i64) {
        let mut midnight = (from + JAPAN).div_euclid(DAY) * DAY - JAPAN;
        while midnight <= to {
            for time in self.at.clone() {
                let slot = midnight + time;
                if slot > from && slot <= to && !self.slots.contains_key(&slot) {
                    self.slots.insert(slot, Fate::Pending(Tries::default()));
                    self.mark = self.mark.max(slot);
                    self.count("slots");
                }
            }
            midnight += DAY;
        }
    }

    /// The clock was set back.
    fn back(&mut self, to: i64) {
        // within the hour nothing runs twice; further back, what came of a wrong clock is forgotten
        if self.mark > to + HOUR {
            self.slots.retain(|slot, _| *slot <= to + HOUR);
            for (_, fate) in self.slots.range_mut(to + 1..) {
                *fate = Fate::Either;
            }
            self.mark = to;
        }
        for fate in self.slots.values_mut() {
            if let Fate::Pending(tries) = fate {
                tries.not_before = None;
            }
        }
    }

    fn deadline(slot: i64) -> i64 {
        let until = (slot + JAPAN).div_euclid(DAY) * DAY - JAPAN + UNTIL;
        if until > slot { until } else { until + DAY }
    }

    fn newest(&self) -> Option<i64> {
        self.slots.iter().rev().find(|(_, fate)| **fate != Fate::Either).map(|(slot, _)| *slot)
    }

    fn settle(&mut self, up_to: i64) {
        self.mark = self.mark.max(up_to);
        for (_, fate) in self.slots.range_mut(..=up_to) {
            if matches!(fate, Fate::Pending(_)) {
                *fate = Fate::Settled;
            }
        }
    }

    /// A run begins for a slot: one that has come, is the newest, and isn't settled.
    fn run(&mut self, slot: i64, now: i64, print: u64, shaken: bool) {
        if let Some(fate) = self.slots.get_mut(&slot).filter(|fate| **fate == Fate::Either) {
            *fate = Fate::Pending(Tries::default());
        }
        assert_eq!(self.newest(), Some(slot), "only the newest slot is worth a run");
        let Some(Fate::Pending(tries)) = self.slots.get(&slot).copied() else {
            panic!("{slot} runs twice: {:?}", self.slots.get(&slot));
        };
        if tries.count > 0 {
            assert!(now < Self::deadline(slot), "tried again after the deadline");
            assert!(shaken || !tries.early(now, print), "tried again too early");
            assert!(tries.refused != Some(print), "sent again what was refused");
        }
        self.count("runs");
    }

    fn ran(&mut self, slot: i64, begun: i64, now: i64, end: End, print: u64) {
        if end == End::Accepted {
            self.settle(begun.max(slot));
        } else if let Some(Fate::Pending(tries)) = self.slots.get_mut(&slot) {
            tries.count += 1;
            // half an hour, an hour, two hours, and so on
            let delays = [RETRY, 2 * RETRY, 4 * RETRY];
            let is_unknown = end == End::Unknown;
            let delay = if is_unknown { delays[tries.unknown.min(2) as usize] } else { RETRY };
            tries.unknown += u32::from(is_unknown);
            tries.instead = is_unknown.then_some((print, now + RETRY));
            tries.not_before = Some(now + delay);
            tries.refused = (end == End::Refused).then_some(print);
        }
    }

    fn missed(&mut self, slots: Slots, now: i64) {
        let (first, last) = (slots.first.timestamp(), slots.last.timestamp());
        let newest = self.newest();
        let newer = self.slots.range(..=now).any(|(slot, fate)| *slot > last && *fate == Fate::Either);
        let (mut count, mut maybe) = (0, 0);
        for (slot, fate) in self.slots.range_mut(first..=last) {
            if *fate == Fate::Either {
                maybe += 1;
                *fate = Fate::Missed;
                continue;
            }
            assert!(matches!(fate, Fate::Pending(_)), "{slot} is told as missed and was {fate:?}");
            let over = newer || Some(*slot) != newest || now >= Self::deadline(*slot);
            assert!(over, "{slot} is given up too early");
            *fate = Fate::Missed;
            count += 1;
        }
        assert!((count..=count + maybe).contains(&slots.count), "{slots:?}");
        self.count("missed");
    }

    /// While the service waits, nothing may be lost: the newest slot alone may be open, and only for a reason.
    fn waits(&self, now: i64, print: u64) {
        // one that a clock set back has put ahead again comes again
        for (slot, fate) in self.slots.range(..=now) {
            let Fate::Pending(tries) = fate else { continue };
            assert_eq!(Some(*slot), self.newest(), "an older slot is left over");
            assert!(tries.count > 0, "{slot} came and nothing is done");
            assert!(now < Self::deadline(*slot), "{slot} is over and isn't told");
            let early = tries.early(now, print);
            // without a time the clock was changed: it is tried within `RETRY`, which the next rounds see
            assert!(
                early || tries.not_before.is_none() || tries.refused == Some(print),
                "{slot} could be tried"
            );
        }
    }
}

struct World {
    chance: fastrand::Rng,
    /// The clock of the machine.
    now: i64,
    ledger: Vec<Row>,
    print: u64,
    oracle: Oracle,
    /// The clock was changed, or another process has run, since the last try.
    shaken: bool,
}

impl World {
    fn seen(&self) -> Seen {
        let accepted = |row: &&Row| row.end == End::Accepted && row.own_day;
        let accepted = self.ledger.iter().rev().find(accepted).and_then(|row| row.ended);
        let last = self.ledger.last();
        Seen {
            accepted: accepted.map(utc),
            last: last.map(|row| Tried {
                begun: utc(row.begun),
                ended: row.ended.map(utc),
                refused: row.end == End::Refused && row.print == self.print,
            }),
            cut_off: last
                .filter(|row| row.ended.is_none())
                .and_then(|_| i64::try_from(self.ledger.len()).ok()),
            print: self.print,
        }
    }

    fn go_on(&mut self, seconds: i64) {
        self.oracle.pass(self.now, self.now + seconds);
        self.now += seconds;
    }

    /// The clock is set.
    fn set_clock(&mut self) {
        self.shaken = true;
        let far = [10 * DAY, 40 * DAY][self.chance.usize(0..2)];
        let by = match self.chance.u8(0..6) {
            0 | 1 => self.chance.i64(1..50 * MINUTE),
            2 => self.chance.i64(HOUR..=JAPAN),
            _ => self.chance.i64(1..far),
        };
        if self.chance.bool() {
            self.oracle.count("clock forward");
            self.go_on(by);
        } else {
            self.oracle.count("clock back");
            self.now -= by;
            self.oracle.back(self.now);
        }
    }

    /// A person runs `pmh sync` between two looks of the service.
    fn by_hand(&mut self) {
        self.oracle.count("by hand");
        let begun = self.now;
        let took = self.chance.i64(1..10 * MINUTE);
        self.go_on(took);
        let end = [End::Accepted, End::Accepted, End::Failed, End::Refused][self.chance.usize(0..4)];
        let own_day = self.chance.u8(0..4) > 0;
        self.ledger.push(Row { begun, ended: Some(self.now), end, own_day, print: self.print });
        if end == End::Accepted && own_day {
            self.oracle.settle(self.now);
        } else if let Some((slot, Fate::Pending(tries))) = self.oracle.slots.last_key_value()
            && tries.count == 0
            && *slot <= begun
        {
            // it came at the very moment of the slot: that was its first try
            self.oracle.ran(
                *slot,
                begun,
                self.now,
                if end == End::Accepted { End::Failed } else { end },
                self.print,
            );
        }
    }

    /// A run by hand ends without saying so: killed, or by a power cut that ends the service as well. Gives whether it did.
    fn cut_off_by_hand(&mut self) -> bool {
        self.oracle.count("by hand, cut off");
        let begun = self.now;
        let took = self.chance.i64(1..10 * MINUTE);
        self.go_on(took);
        self.ledger.push(Row { begun, ended: None, end: End::Failed, own_day: true, print: self.print });
        self.shaken = true;
        self.chance.bool()
    }

    /// The service starts; what it can know decides what counts.
    fn start(&mut self, kept: Option<DateTime<Utc>>) -> Plan {
        let kept = kept.filter(|_| self.chance.u8(0..4) > 0);
        let seen = self.seen();
        let plan = Plan::new(schedule(&self.oracle.at), utc(self.now), kept, &seen);
        let known = |time: &i64| *time <= self.now + HOUR;
        let kept = kept.map(|time| time.timestamp()).filter(known);
        let last = self.ledger.last().map(|row| row.begun).filter(known);
        // the last slot at or before the last run, by the schedule of now
        let tried = last.map(|begun| {
            let midnight = (begun + JAPAN).div_euclid(DAY) * DAY - JAPAN;
            let times = self.oracle.at.iter().flat_map(|time| [midnight - DAY + time, midnight + time]);
            times.filter(|slot| *slot <= begun).max().unwrap_or(begun)
        });
        let ours = kept.map(|kept| kept + 1).max(tried).unwrap_or(self.now);
        self.oracle.slots.retain(|slot, fate| *slot >= ours || !matches!(fate, Fate::Pending(_)));
        // one that the present schedule doesn't have was taken out by a reload
        let at = self.oracle.at.clone();
        let is_ours = |slot: i64| at.contains(&(slot + JAPAN).rem_euclid(DAY));
        self.oracle.slots.retain(|slot, fate| is_ours(*slot) || !matches!(fate, Fate::Pending(_)));
        if kept.is_none()
            && let Some(tried) = tried
        {
            // what an earlier service told or left out isn't known any more
            self.oracle.slots.retain(|slot, fate| *slot <= tried || *fate == Fate::Settled);
            self.oracle.pass(tried, self.now);
        }
        for (slot, fate) in &mut self.oracle.slots {
            // a try that left no row is no try
            if matches!(fate, Fate::Pending(_)) && last.is_none_or(|last| last < *slot) {
                *fate = Fate::Pending(Tries::default());
            }
        }
        if let (Some(tried), Some(row)) = (tried, self.ledger.last().copied()) {
            let settled = seen.accepted.map(|time| time.timestamp()).filter(|time| *time <= self.now);
            if tried == ours && settled.is_none_or(|time| time < tried) {
                // its fate is looked at again, and told again
                let refused = (row.end == End::Refused && row.print == self.print).then_some(row.print);
                let count = u32::from(row.ended.is_some());
                let again =
                    Fate::Pending(Tries { count, not_before: None, refused, unknown: 0, instead: None });
                self.oracle.slots.insert(tried, again);
            }
        }
        // the ledger says when a set was accepted, not which slot it was for
        if let Some(accepted) = seen.accepted.map(|time| time.timestamp()).filter(|time| *time <= self.now) {
            // of an acceptance that a wrong clock had dated ahead of slots that then failed: it settles the newest of them
            let newest = self.oracle.slots.range(..=accepted).next_back().map(|(slot, _)| *slot);
            for (slot, fate) in self.oracle.slots.range_mut(..=accepted) {
                if Some(*slot) != newest && matches!(fate, Fate::Pending(_)) {
                    *fate = Fate::Either;
                }
            }
            self.oracle.settle(accepted);
        }
        self.shaken = true;
        plan
    }

    /// A run of the service; gives how it ended, or nothing when the service was killed in the middle.
    fn run(&mut self, plan: &mut Plan, slot: Option<DateTime<Utc>>) -> Option<End> {
        let (begun, print) = (self.now, self.print);
        if let Some(slot) = slot {
            self.oracle.run(slot.timestamp(), begun, print, self.shaken);
        } else {
            self.oracle.count("taken up");
            if let Some(row) = self.ledger.last_mut() {
                row.ended = Some(begun);
            }
        }
        self.shaken = false;
        let took = if self.chance.u8(0..20) == 0 { 5 * HOUR } else { 10 * MINUTE };
        let took = self.chance.i64(1..took);
        self.go_on(took);
        if self.chance.u8(0..40) == 0 {
            self.set_clock();
        }
        let killed = self.chance.u8(0..60) == 0;
        let end = match self.chance.u8(0..10) {
            0..5 => End::Accepted,
            5 => End::Refused,
            6 | 7 => End::Unknown,
            _ => End::Failed,
        };
        // some fail before the ledger knows of them
        if end != End::Failed || self.chance.bool() {
            let ended = (!killed).then_some(self.now);
            let end = if killed { End::Failed } else { end };
            self.ledger.push(Row { begun, ended, end, own_day: true, print });
        }
        if killed {
            self.oracle.count("killed");
            return None;
        }
        plan.ended(utc(begun), utc(self.now), end, print, &self.seen());
        match slot {
            Some(slot) => self.oracle.ran(slot.timestamp(), begun, self.now, end, print),
            None if end == End::Accepted => self.oracle.settle(begun),
            None => {}
        }
        Some(end)
    }

    /// Something happens to the waiting service. Gives whether it was stopped.
    fn happen(&mut self, plan: &mut Plan) -> bool {
        match self.chance.u16(0..3000) {
            0 => self.set_clock(),
            1..4 => self.by_hand(),
            4 => {
                self.oracle.count("reloads");
                let seen = self.seen();
                let at: &[&[i64]] = &[
                    &[2 * HOUR + 1800],
                    &[2 * HOUR + 1800, 12 * HOUR],
                    &[23 * HOUR + 59 * MINUTE],
                    &[19 * HOUR],
                ];
                self.oracle.at = at[self.chance.usize(0..at.len())].to_vec();
                self.oracle.mark = self.oracle.mark.max(self.now);
                plan.reload(schedule(&self.oracle.at), utc(self.now), &seen);
            }
            5 => {
                self.oracle.count("ledger moved away");
                self.ledger.clear();
            }
            6..16 => self.print += 1,
            16..20 => return true,
            20..23 => return self.cut_off_by_hand(),
            _ => {}
        }
        false
    }
}

#[test]
fn every_slot_is_run_made_up_for_or_told_as_missed() {
    let mut told = BTreeMap::<&str, u64>::new();
    for seed in 0..60 {
        let mut world = World {
            chance: fastrand::Rng::with_seed(seed),
            now: 1_795_000_000,
            ledger: Vec::new(),
            print: 0,
            oracle: Oracle { at: vec![2 * HOUR + 1800], ..Oracle::default() },
            shaken: false,
        };
        let mut plan = world.start(None);
        // half a year of waiting each
        for _ in 0..20_000 {
            let seen = world.seen();
            let stopped = match plan.step(utc(world.now), &seen) {
                Act::Missed(slots) => {
                    world.oracle.missed(slots, world.now);
                    continue;
                }
                Act::Run(slot) => world.run(&mut plan, slot).is_none(),
                Act::Wait(next) => {
                    world.oracle.waits(world.now, world.print);
                    let nap = world.chance.i64(1..20 * MINUTE);
                    let next = next.map_or(nap, |next| next.timestamp() - world.now);
                    world.go_on(nap.min(next.max(1)));
                    world.happen(&mut plan)
                }
            };
            if stopped {
                world.oracle.count("restarts");
                let kept = plan.known();
                let away = [MINUTE, HOUR, DAY, 20 * DAY][world.chance.usize(0..4)];
                let away = world.chance.i64(1..=away);
                world.go_on(away);
                plan = world.start(Some(kept));
            }
        }
        for (what, count) in world.oracle.told {
            *told.entry(what).or_default() += count;
        }
    }
    println!("{told:?}");
    for what in [
        "taken up",
        "killed",
        "clock back",
        "clock forward",
        "ledger moved away",
        "reloads",
        "by hand",
        "by hand, cut off",
    ] {
        assert!(told.get(what).is_some_and(|count| *count > 3), "{what}: {told:?}");
    }
}
