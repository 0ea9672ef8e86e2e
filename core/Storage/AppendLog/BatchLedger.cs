using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>Decides which batch of one identity (source, tick) counts, the same in whatever order its parts are met.</summary>
/// <remarks>
/// One wins whole: the better verdict, then the lower file, then the lower offset, all of the part with the report. A part
/// whose report was not met counts until a batch with a report contradicts it; among such, the lower file per window.
/// </remarks>
internal sealed class BatchLedger
{
    private readonly Dictionary<string, Dictionary<long, Entry>> entries = new(StringComparer.Ordinal);

    /// <summary>Identities that more than one batch claimed.</summary>
    public long Conflicts { get; private set; }

    /// <summary>Whether no batch was met yet.</summary>
    public bool IsEmpty => entries.Count == 0;

    /// <summary>Takes notice of a part. True: a part that counted before does not any more.</summary>
    public bool Offer(LogPart part) =>
        part.Report is null
            ? OfferOrphan(part)
            : OfferBatch(
                part.Source,
                part.TickMs,
                new Claim(part.Verdict, part.File, part.OffsetBytes, part.Others, part.Report.IsEnding)
            );

    /// <summary>Takes notice of a batch that this process has appended.</summary>
    public bool Offer(AppendedBatch appended) =>
        OfferBatch(
            appended.Batch.Source,
            appended.Batch.TickMs,
            new Claim(
                appended.Batch.Report.Verdict,
                appended.Home,
                appended.OffsetBytes,
                appended.Others,
                appended.Batch.Report.IsEnding
            )
        );

    /// <summary>Whether a part counts, as far as is known.</summary>
    public bool Counts(LogPart part)
    {
        var entry = entries[part.Source][part.TickMs];
        if (entry.Winner is { } winner)
        {
            return part.Report is null ? winner.Others.Contains(part.File) : winner.Home == part.File;
        }
        return entry.Orphans is not null && entry.Orphans.Contains(part.File);
    }

    /// <summary>Whether a batch that this process has appended counts.</summary>
    public bool Counts(AppendedBatch appended) =>
        entries[appended.Batch.Source][appended.Batch.TickMs].Winner!.Home == appended.Home;

    /// <summary>Whether another batch counts instead, of which parts are in files that this process wrote for its own.</summary>
    public bool SharesParts(AppendedBatch appended) =>
        entries[appended.Batch.Source][appended.Batch.TickMs].Winner!.Others.Intersect(appended.Others).Any();

    /// <summary>Whether a batch is in the log already.</summary>
    public bool Has(string source, long tickMs) =>
        entries.TryGetValue(source, out var ticks)
        && ticks.TryGetValue(tickMs, out var entry)
        && entry.Winner is not null;

    /// <summary>The newest tick of a source before another that has a batch; null when none is known, or the batch there ends it.</summary>
    public long? LastBefore(string source, long tickMs)
    {
        if (!entries.TryGetValue(source, out var ticks))
        {
            return null;
        }
        var last = long.MinValue;
        foreach (var (at, entry) in ticks)
        {
            last = at < tickMs && entry.Winner is not null ? Math.Max(last, at) : last;
        }
        return last == long.MinValue || ticks[last].Winner!.IsEnding ? null : last;
    }

    /// <summary>The ticks of a source after another that have a batch, in order: how they ended, and whether they end the source.</summary>
    public IReadOnlyList<(long TickMs, Verdict Verdict, bool IsEnding)> TicksAfter(string source, long tickMs)
    {
        var found = new List<(long TickMs, Verdict Verdict, bool IsEnding)>();
        if (entries.TryGetValue(source, out var ticks))
        {
            foreach (var (at, entry) in ticks)
            {
                if (at > tickMs && entry.Winner is { } winner)
                {
                    found.Add((at, winner.Verdict, winner.IsEnding));
                }
            }
        }
        found.Sort(static (one, other) => one.TickMs.CompareTo(other.TickMs));
        return found;
    }

    /// <summary>Forgets the ticks before a time.</summary>
    public void Forget(long beforeMs)
    {
        foreach (var (source, ticks) in entries)
        {
            foreach (var tickMs in ticks.Keys)
            {
                if (tickMs < beforeMs)
                {
                    ticks.Remove(tickMs);
                }
            }
            if (ticks.Count == 0)
            {
                entries.Remove(source);
            }
        }
    }

    private bool OfferBatch(string source, long tickMs, Claim claim)
    {
        var ticks = TicksOf(source);
        if (!ticks.TryGetValue(tickMs, out var entry))
        {
            ticks.Add(tickMs, new Entry { Winner = claim });
            return false;
        }
        if (entry.Winner is null)
        {
            entry.Winner = claim;
            var contradicted = entry.Orphans!.Any(file => !claim.Others.Contains(file));
            entry.Orphans = null;
            return contradicted;
        }
        if (entry.Winner.Home == claim.Home)
        {
            return false;
        }
        Conflicts++;
        if (entry.Winner.CompareTo(claim) <= 0)
        {
            return false;
        }
        entry.Winner = claim;
        return true;
    }

    private bool OfferOrphan(LogPart part)
    {
        var ticks = TicksOf(part.Source);
        if (!ticks.TryGetValue(part.TickMs, out var entry))
        {
            ticks.Add(part.TickMs, new Entry { Orphans = [part.File] });
            return false;
        }
        if (entry.Orphans is null || entry.Orphans.Contains(part.File))
        {
            return false;
        }
        var rival = entry.Orphans.Find(file => file.Window == part.File.Window);
        if (rival == default)
        {
            entry.Orphans.Add(part.File);
            return false;
        }
        if (rival.Writer.CompareTo(part.File.Writer) < 0)
        {
            return false;
        }
        entry.Orphans.Remove(rival);
        entry.Orphans.Add(part.File);
        return true;
    }

    private Dictionary<long, Entry> TicksOf(string source)
    {
        if (!entries.TryGetValue(source, out var ticks))
        {
            entries.Add(source, ticks = []);
        }
        return ticks;
    }

    private sealed class Entry
    {
        public Claim? Winner { get; set; }
        public List<LogFileName>? Orphans { get; set; }
    }

    private sealed record Claim(
        Verdict Verdict,
        LogFileName Home,
        long OffsetBytes,
        IReadOnlyList<LogFileName> Others,
        bool IsEnding
    ) : IComparable<Claim>
    {
        public int CompareTo(Claim? other)
        {
            ArgumentNullException.ThrowIfNull(other);
            var byVerdict = Verdict.CompareTo(other.Verdict);
            if (byVerdict != 0)
            {
                return byVerdict;
            }
            var byWriter = Home.Writer.CompareTo(other.Home.Writer);
            return byWriter != 0 ? byWriter : OffsetBytes.CompareTo(other.OffsetBytes);
        }
    }
}
