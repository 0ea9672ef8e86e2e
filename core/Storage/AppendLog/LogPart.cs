using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>A complete part of a batch as a file holds it, not decoded yet.</summary>
internal sealed class LogPart
{
    /// <summary>The file.</summary>
    public required LogFileName File { get; init; }

    /// <summary>Where the part's first record begins.</summary>
    public required long OffsetBytes { get; init; }

    /// <summary>Where the first byte behind the part's last record is.</summary>
    public long EndBytes { get; set; }

    /// <summary>The source.</summary>
    public required string Source { get; init; }

    /// <summary>The tick.</summary>
    public required long TickMs { get; init; }

    /// <summary>The verdict of the scrape.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the scrape did; null in a part that is not the last one of its batch.</summary>
    public ScrapeReport? Report { get; set; }

    /// <summary>The files that hold the batch's other parts; only with a report.</summary>
    public IReadOnlyList<LogFileName> Others { get; set; } = [];

    /// <summary>The columns, in order.</summary>
    public List<LogColumn> Columns { get; } = [];

    /// <summary>The first and last sample time; empty when there is no column.</summary>
    public TimeRange Range =>
        Columns.Count == 0
            ? new(TickMs, TickMs)
            : new(Columns.Min(c => c.Range.MinMs), Columns.Max(c => c.Range.MaxMs));
}
