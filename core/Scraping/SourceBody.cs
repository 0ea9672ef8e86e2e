using System.Globalization;
using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What one scrape of a source brings: one body, or several, each a part, as if they were one.</summary>
/// <remarks>Parts may be read at once; everything else is for one thread. A division that changes begins anew.</remarks>
/// <param name="series">Where equal label sets become one.</param>
/// <param name="limits">What a body may hold.</param>
/// <param name="budget">What the series of all sources may take.</param>
internal sealed class SourceBody(SeriesTable series, ScrapeLimits limits, SeriesBudget budget)
{
    private readonly MergedParts merged = new();
    private readonly List<PartBody> parts = [];
    private string division = "";
    private string replicaLabel = "";
    private long sampleLimit;

    /// <summary>The types and help texts.</summary>
    public MetadataCache Metadata { get; } = new(budget);

    /// <summary>The parts; one without a division.</summary>
    public IReadOnlyList<PartBody> Parts => parts;

    /// <summary>Samples of the bodies.</summary>
    public int Scraped => parts.Sum(part => part.Collector.Scraped);

    /// <summary>Samples that the job's rules left.</summary>
    public int Relabeled => parts.Sum(part => part.Collector.Relabeled);

    /// <summary>Texts of series that the bodies since the last usable one did not have.</summary>
    public int Added => parts.Sum(part => part.Collector.Added);

    /// <summary>Whether a part had no usable body yet.</summary>
    public bool IsFirst => parts.Exists(part => part.Collector.IsFirst);

    /// <summary>Samples that were too old or too far ahead.</summary>
    public int OutOfBounds => parts.Sum(part => part.Collector.OutOfBounds);

    /// <summary>Samples whose series had one at that timestamp before, or in another part.</summary>
    public int Duplicates => parts.Sum(part => part.Collector.Duplicates) + Overlaps;

    /// <summary>Samples of series that a part before has, too.</summary>
    public int Overlaps
    {
        get
        {
            Merge();
            return merged.Overlaps;
        }
    }

    /// <summary>The label set of the last sample kept, or null.</summary>
    public LabelSet? LastSeries => parts[^1].Collector.LastSeries;

    /// <summary>The series with which the parts ended; those of a part that failed do not count.</summary>
    public IReadOnlyList<LabelSet>? Ends =>
        parts.Count == 1
            ? null
            : [.. parts.Where(part => part.Counted.Count > 0).Select(part => part.Collector.LastSeries!).Distinct()];

    /// <summary>The series of what was kept: the last scrape's object when they are the same.</summary>
    public SeriesList Series
    {
        get
        {
            Merge();
            return parts.Count == 1 ? parts[0].Collector.Series : merged.List;
        }
    }

    /// <summary>The value of the label that is watched in most lines of the last body; empty when they have none.</summary>
    public string Replica => parts[0].Collector.Replica;

    /// <summary>Notes from now on which value of a label the lines of bodies have, before it is merged or dropped.</summary>
    /// <param name="label">The name of the label.</param>
    public void Watch(string label)
    {
        replicaLabel = label;
        parts.ForEach(part => part.Collector.Watch(label));
    }

    /// <summary>Begins a scrape.</summary>
    /// <param name="labels">The target's labels.</param>
    /// <param name="config">Its job.</param>
    /// <param name="stamp">The timestamp of samples without one, milliseconds since the epoch.</param>
    /// <param name="bounds">The timestamps that are accepted.</param>
    /// <param name="isFederate">Whether it is of a <c>/federate</c>.</param>
    public void Begin(LabelSet labels, ScrapeConfig config, long stamp, TimeRange bounds, bool isFederate = false)
    {
        sampleLimit = config.Limits.SampleLimit;
        Metadata.Begin(isFederate);
        foreach (var part in parts)
        {
            (part.Verdict, part.BodyBytes) = (Verdict.Failed, 0);
            part.Collector.Begin(labels, config, stamp, bounds);
        }
    }

    /// <summary>Sets into which parts the source is divided.</summary>
    /// <param name="key">What tells this division from others; empty for none.</param>
    /// <param name="count">How many parts it has.</param>
    /// <returns>Whether it is another one than before.</returns>
    public bool Divide(string key, int count)
    {
        if (parts.Count == count && string.Equals(division, key, StringComparison.Ordinal))
        {
            return false;
        }
        parts.ForEach(part => part.Collector.Forget());
        parts.Clear();
        merged.Forget();
        division = key;
        for (var i = 0; i < count; i++)
        {
            parts.Add(new PartBody(new BodyCollector(series, limits, budget, Metadata)));
        }
        parts.ForEach(part => part.Collector.Watch(replicaLabel));
        return true;
    }

    /// <summary>Forgets all series, and gives their memory back.</summary>
    public void Forget()
    {
        parts.ForEach(part => part.Collector.Forget());
        merged.Forget();
    }

    /// <summary>Whether the bodies have more than the job allows, after its rules; only before <see cref="End"/>.</summary>
    /// <returns>Null, or the error.</returns>
    public string? FindBreach()
    {
        if (sampleLimit > 0 && Relabeled > sampleLimit)
        {
            var counted = parts.Sum(part => part.Collector.CountLimited()) - Overlaps;
            if (counted > sampleLimit)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"sample_limit exceeded: the body has {counted} samples after relabelling, the limit is {sampleLimit}"
                );
            }
        }
        return parts.Select(part => part.Collector.BucketBreach).FirstOrDefault(breach => breach is not null);
    }

    /// <summary>Whether a body had a sample of a series, kept or not; only before <see cref="End"/>.</summary>
    public bool WasExposed(LabelSet labels) => parts.Exists(part => part.Collector.WasExposed(labels));

    /// <summary>Removes from a table the series of which a body had a sample; only before <see cref="End"/>.</summary>
    public void RemoveExposed(Dictionary<LabelSet, long> table) =>
        parts.ForEach(part => part.Collector.RemoveExposed(table));

    /// <summary>Ends the scrape and returns what was kept; the columns are valid until the next <see cref="Begin"/>.</summary>
    /// <param name="verdict">How it ended.</param>
    /// <param name="isEmpty">Whether it had no byte.</param>
    public SampleColumns End(Verdict verdict, bool isEmpty)
    {
        var result = parts.Count == 1 ? parts[0].Collector.End(verdict, isEmpty) : EndParts(verdict);
        Metadata.End();
        return result;
    }

    private void Merge()
    {
        if (parts.Count > 1)
        {
            merged.Update([.. parts.Select(part => part.Counted)]);
        }
    }

    private SampleColumns EndParts(Verdict verdict)
    {
        var isUsed = verdict is not Verdict.Failed;
        var columns = parts.ConvertAll(part => part.End(isUsed));
        if (!isUsed)
        {
            return new SampleColumns(SeriesList.Empty, default, default);
        }
        merged.Update([.. columns.Select(part => part.Series)]);
        return merged.Merge(columns);
    }
}
