namespace Tributary.Model;

/// <summary>What one scrape adds. Its identity is (<see cref="Source"/>, <see cref="TickMs"/>).</summary>
public sealed record Batch
{
    private readonly IReadOnlyList<LabelSet>? ends;

    /// <summary>The key of the source, stable across processes and configurations: <c>job/instance/hash</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The tick that was taken, milliseconds since the epoch.</summary>
    public required long TickMs { get; init; }

    /// <summary>What the scrape did.</summary>
    public required ScrapeReport Report { get; init; }

    /// <summary>The samples of the body, in the body's order.</summary>
    public required SampleColumns Scraped { get; init; }

    /// <summary>
    /// The series of which one was the body's last: several when the samples were put together from parts of several
    /// windows, whose order among each other is not kept.
    /// </summary>
    public IReadOnlyList<LabelSet> Ends
    {
        get => ends ?? (Scraped.Count == 0 ? [] : [Scraped.Series[Scraped.Count - 1]]);
        init => ends = value;
    }

    /// <summary><c>up</c> and the other report series, and the staleness markers.</summary>
    public required SampleColumns Added { get; init; }

    /// <summary>Metadata that is new or changed since the source's last batch.</summary>
    public IReadOnlyList<MetricMetadata> Metadata { get; init; } = [];
}
