using System.Diagnostics.CodeAnalysis;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Gathers the lines of one classic histogram in a text format, and makes a native one with custom buckets of them.</summary>
/// <remarks>
/// Lines belong together while they follow one another under <c># TYPE … histogram</c> and have the same labels but for
/// <c>le</c>, in whatever order. One that cannot be converted is left out, as in Prometheus.
/// </remarks>
/// <param name="keepsClassic">Whether the lines are taken, too.</param>
internal sealed class ClassicGroup(bool keepsClassic)
{
    private readonly ClassicBuckets buckets = new();
    private readonly List<(byte[] Name, byte[] Value)> labels = [];
    private byte[] family = [];
    private byte[] series = [];
    private bool hasCount;

    /// <summary>Whether the lines are taken, too.</summary>
    public bool KeepsClassic => keepsClassic;

    /// <summary>Whether the lines are those of a family of histograms.</summary>
    public bool IsInFamily { get; private set; }

    /// <summary>Whether there are lines of a histogram that was not handed out.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether nothing tells that lines of it are missing: its count is there.</summary>
    public bool IsWhole => IsOpen && hasCount;

    /// <summary>The histogram's series, as a text of its format.</summary>
    public ReadOnlySpan<byte> Series => series;

    /// <summary>The timestamp of its last line; null when that had none.</summary>
    public long? TimestampMs { get; private set; }

    /// <summary>Begins a family.</summary>
    /// <param name="name">Its name; escaped when it was quoted.</param>
    /// <param name="type">Its type.</param>
    public void BeginFamily(ReadOnlySpan<byte> name, ReadOnlySpan<byte> type)
    {
        IsInFamily = type.SequenceEqual("histogram"u8);
        family = name.ToArray();
    }

    /// <summary>Takes a line.</summary>
    /// <param name="text">Its series.</param>
    /// <param name="value">Its value.</param>
    /// <param name="timestampMs">Its timestamp; null for none.</param>
    /// <returns>Null when it belongs to no histogram; false when it belongs to another one than the open one.</returns>
    public bool? TryTake(ReadOnlySpan<byte> text, double value, long? timestampMs)
    {
        labels.Clear();
        if (!IsInFamily || !ClassicLabels.TryRead(text, labels, out var name) || !TryFindPart(name, out var part))
        {
            return null;
        }
        var bound = 0.0;
        if (part is Part.Bucket && !TryTakeBound(out bound))
        {
            return null;
        }
        var next = ClassicLabels.Write(family, labels);
        if (IsOpen && !next.AsSpan().SequenceEqual(series))
        {
            return false;
        }
        (series, IsOpen, TimestampMs) = (next, true, timestampMs);
        switch (part)
        {
            case Part.Bucket:
                buckets.Add(bound, value);
                break;
            case Part.Count:
                buckets.SetCount(value);
                hasCount = true;
                break;
            default:
                buckets.SetSum(value);
                break;
        }
        return true;
    }

    /// <summary>Ends the open histogram.</summary>
    /// <param name="histogram">What it is; null when it cannot be converted.</param>
    public bool TryEnd([NotNullWhen(true)] out Histogram? histogram)
    {
        var problem = buckets.TryConvert(CounterResetHint.Unknown, out histogram);
        buckets.Clear();
        (IsOpen, hasCount) = (false, false);
        histogram = problem is null ? histogram : null;
        return histogram is not null;
    }

    private bool TryFindPart(ReadOnlySpan<byte> name, out Part part)
    {
        part = Part.Bucket;
        if (!name.StartsWith(family))
        {
            return false;
        }
        var suffix = name[family.Length..];
        part =
            suffix.SequenceEqual("_count"u8) ? Part.Count
            : suffix.SequenceEqual("_sum"u8) ? Part.Sum
            : Part.Bucket;
        return part is not Part.Bucket || suffix.SequenceEqual("_bucket"u8);
    }

    private bool TryTakeBound(out double bound)
    {
        var at = labels.FindIndex(label => label.Name.AsSpan().SequenceEqual("le"u8));
        bound = 0;
        if (at < 0 || !NumberText.TryParseValue(labels[at].Value, out bound))
        {
            return false;
        }
        labels.RemoveAt(at);
        return true;
    }

    private enum Part
    {
        Bucket,
        Count,
        Sum,
    }
}
