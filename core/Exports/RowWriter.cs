using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.Selection;

namespace Tributary.Exports;

/// <summary>Writes samples as one text, series by series. Staleness markers are no samples to those who read it.</summary>
internal abstract class RowWriter
{
    /// <summary>Rows so far.</summary>
    public long Rows { get; protected set; }

    /// <summary>Samples that the format has no form for.</summary>
    public long LeftOut { get; protected set; }

    /// <summary>The order in which series come: by their metric names, and then by all labels.</summary>
    public int Compare(LabelSet one, LabelSet other)
    {
        var order = Utf8Order.Compare(NameOf(one), NameOf(other));
        return order != 0 ? order : one.CompareTo(other);
    }

    /// <summary>Begins the text.</summary>
    /// <param name="series">All series that come.</param>
    /// <param name="output">Gets it.</param>
    public abstract void Begin(IReadOnlyList<SpilledSeries> series, ByteWriter output);

    /// <summary>Begins a series.</summary>
    public abstract void BeginSeries(LabelSet series, ByteWriter output);

    /// <summary>Writes samples of the series, later than those before.</summary>
    public void Write(SampleBuffer samples, ByteWriter output)
    {
        var times = samples.TimesMs;
        var values = samples.Values;
        var histograms = samples.Histograms;
        for (var i = 0; i < times.Length; i++)
        {
            if (!histograms.IsEmpty && histograms[i] is { } histogram)
            {
                if (!histogram.IsStale)
                {
                    Write(times[i], histogram, output);
                }
            }
            else if (!StaleMarker.IsStale(values[i]))
            {
                Write(times[i], values[i], output);
            }
        }
    }

    /// <summary>Ends the text.</summary>
    public abstract void End(ByteWriter output);

    /// <summary>The writer of a format that is a text.</summary>
    /// <param name="config">The export.</param>
    public static RowWriter Of(ExportConfig config) =>
        config.Format switch
        {
            ExportFormat.Csv => new CsvRows(),
            ExportFormat.Ndjson => new NdjsonRows(),
            ExportFormat.OpenMetrics => new OpenMetricsRows(MetricNameOf(config.Name)),
            _ => throw new ArgumentException($"{config.Format} is no text", nameof(config)),
        };

    /// <summary>The metric name of results that have none, where a name has to be: the export's.</summary>
    public static string MetricNameOf(string export)
    {
        var name = string.Concat(export.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return char.IsAsciiDigit(name[0]) ? "_" + name : name;
    }

    /// <summary>The metric name that a series is written under; empty for none.</summary>
    protected virtual string NameOf(LabelSet labels) => labels.MetricName;

    /// <summary>Writes a float.</summary>
    protected abstract void Write(long timestampMs, double value, ByteWriter output);

    /// <summary>Writes a native histogram, or counts it as left out.</summary>
    protected abstract void Write(long timestampMs, Histogram value, ByteWriter output);
}
