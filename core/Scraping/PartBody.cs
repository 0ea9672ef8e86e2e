using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>One part of a source's scrapes: its samples, and what its bodies before say about how far it has to reach.</summary>
/// <param name="collector">Collects its samples.</param>
internal sealed class PartBody(BodyCollector collector)
{
    private SeriesList lastComplete = SeriesList.Empty;
    private LabelSet? suspectEnd;
    private bool hasSuspect;

    /// <summary>Its samples.</summary>
    public BodyCollector Collector => collector;

    /// <summary>How its body ended.</summary>
    public Verdict Verdict { get; set; }

    /// <summary>The bytes of its body.</summary>
    public long BodyBytes { get; set; }

    /// <summary>The series with which a whole body ended, as another division of the source had it; null when that is not known.</summary>
    public LabelSet? ExpectedEnd { get; set; }

    /// <summary>The series of its body that count.</summary>
    public SeriesList Counted => Verdict is Verdict.Failed ? SeriesList.Empty : collector.Series;

    /// <summary>Decides whether a body that ended is whole, as <see cref="SourceState.Judge(BodyEnd, bool)"/> does for one without parts.</summary>
    public (Verdict Verdict, string Error) Judge(BodyEnd end)
    {
        if (end is BodyEnd.AtMarker)
        {
            return (Verdict.Complete, "");
        }
        if (end is not BodyEnd.AtLine && collector.Scraped == 0)
        {
            return (Verdict.Failed, "the body is cut off inside its first line or metric family");
        }
        var reason = end switch
        {
            BodyEnd.InMessage => "it ends inside a metric family",
            BodyEnd.InLine => "its last line has no end",
            _ => WhatIsMissing(),
        };
        var isRepeated = hasSuspect && end is not BodyEnd.InMessage && Equals(suspectEnd, collector.LastSeries);
        return reason.Length == 0 || isRepeated
            ? (Verdict.Complete, "")
            : (Verdict.Suspect, $"the body may be cut off: {reason}");
    }

    /// <summary>Ends the body, and keeps what the next one is compared with.</summary>
    /// <param name="isUsed">Whether the scrape as a whole is usable.</param>
    public SampleColumns End(bool isUsed)
    {
        var verdict = isUsed ? Verdict : Verdict.Failed;
        if (verdict is not Verdict.Failed)
        {
            hasSuspect = verdict is Verdict.Suspect;
            suspectEnd = collector.LastSeries;
        }
        if (verdict is Verdict.Complete)
        {
            lastComplete = collector.Series;
            ExpectedEnd = null;
        }
        return collector.End(verdict, BodyBytes == 0);
    }

    private string WhatIsMissing()
    {
        var last = ExpectedEnd ?? (lastComplete.Count == 0 ? null : lastComplete[lastComplete.Count - 1]);
        if (last is not null && !ReferenceEquals(last, collector.LastSeries) && !collector.WasExposed(last))
        {
            return $"it lacks {last}, with which the last complete one ended";
        }
        var missing = SeriesDifference.CountMissing(lastComplete, collector.Series) - collector.OutOfBounds;
        return 2L * missing > lastComplete.Count
            ? "it lacks more than half of the series of the last complete one"
            : "";
    }
}
