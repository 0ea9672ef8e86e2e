using System.Text;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Model;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Exports;

/// <summary>The formats, byte by byte.</summary>
public sealed class ExportRowsTests
{
    private const long TimeMs = 1_700_000_000_123;

    [Fact]
    public void Csv_IsWrittenAsSpreadsheetsAndLoadersReadIt() =>
        Assert.Equal(
            "timestamp,Region,__name__,path,value\n"
                + "2023-11-14T22:13:20.123Z,,a,\"quoted \"\"one\"\", two\",1.5\n"
                + "2023-11-14T22:13:21.123Z,,a,\"quoted \"\"one\"\", two\",-0\n"
                + "2023-11-14T22:13:20.123Z,,b,\"line\n\nbreak\",NaN\n"
                + "2023-11-14T22:13:20.123Z,ö,c,\" blank\",+Inf\n"
                + "2023-11-14T22:13:21.123Z,ö,c,\" blank\",1e+21\n",
            Write(
                ExportFormat.Csv,
                (LabelSet.Of("__name__", "c", "Region", "ö", "path", " blank"), [double.PositiveInfinity, 1e21]),
                (LabelSet.Of("__name__", "a", "path", "quoted \"one\", two"), [1.5, -0.0]),
                (LabelSet.Of("__name__", "b", "path", "line\n\nbreak"), [double.NaN, StaleMarker.Value])
            )
        );

    [Fact]
    public void Csv_OfLabelsThatAreColumns_RenamesThem() =>
        Assert.Equal(
            "timestamp,exported_timestamp,exported_exported_timestamp,exported_value,value\n"
                + "2023-11-14T22:13:20.123Z,c,a,b,1\n",
            Write(ExportFormat.Csv, (LabelSet.Of("timestamp", "a", "value", "b", "exported_timestamp", "c"), [1]))
        );

    [Fact]
    public void Csv_WithoutSeries_IsAHeader() => Assert.Equal("timestamp,value\n", Write(ExportFormat.Csv));

    [Fact]
    public void Ndjson_HasAnObjectALine() =>
        Assert.Equal(
            "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"labels\":{\"__name__\":\"m\",\"path\":\"a \\\"b\\\"\\n\"},\"value\":1.5}\n"
                + "{\"timestamp\":\"2023-11-14T22:13:21.123Z\",\"labels\":{\"__name__\":\"m\",\"path\":\"a \\\"b\\\"\\n\"},\"value\":\"NaN\"}\n"
                + "{\"timestamp\":\"2023-11-14T22:13:22.123Z\",\"labels\":{\"__name__\":\"m\",\"path\":\"a \\\"b\\\"\\n\"},\"value\":\"-Inf\"}\n",
            Write(
                ExportFormat.Ndjson,
                (LabelSet.Of("__name__", "m", "path", "a \"b\"\n"), [1.5, double.NaN, double.NegativeInfinity])
            )
        );

    [Fact]
    public void OpenMetrics_HasFamiliesInOrderAndSeconds() =>
        Assert.Equal(
            "# TYPE a unknown\n"
                + "a{Z=\"1\"} 1 1700000000.123\n"
                + "a{z=\"q\\\"\\\\\\n\"} 2 1700000000.123\n"
                + "# TYPE b unknown\n"
                + "b{Z=\"1\"} NaN 1700000000.123\n"
                + "# TYPE \"b.c\" unknown\n"
                + "{\"b.c\",\"x.y\"=\"1\"} 4 1700000000.123\n"
                + "# TYPE my_export unknown\n"
                + "my_export 5 1700000000.123\n"
                + "# EOF\n",
            Write(
                ExportFormat.OpenMetrics,
                (LabelSet.Of("__name__", "b", "Z", "1"), [double.NaN]),
                (LabelSet.Of("__name__", "a", "Z", "1"), [1]),
                (LabelSet.Of("__name__", "a", "z", "q\"\\\n"), [2]),
                (LabelSet.Of("__name__", "b.c", "x.y", "1"), [4]),
                (LabelSet.Empty, [5])
            )
        );

    [Fact]
    public void OpenMetrics_Seconds_AreReadAsTheSameMillisecond()
    {
        var output = new ByteWriter();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var ms = i < 1000 ? i : random.NextInt64(0, 4_000_000_000_000);
            output.Clear();
            TimeText.WriteSeconds(ms, output);
            var text = Encoding.ASCII.GetString(output.WrittenSpan);
            // As Prometheus does: a float, cut.
            Assert.Equal(ms, (long)(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * 1000));
        }
        output.Clear();
        TimeText.WriteSeconds(-1500, output);
        Assert.Equal("-1.5", Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Histograms_AreTextsObjectsOrLeftOut()
    {
        var layout = HistogramLayout.OfIndexes(0, 0.001, [0, 1], [], []);
        var value = Histogram.OfIntegers(layout, 3, 0, 4.5, [1, 2]);
        Assert.Equal(
            "timestamp,__name__,value\n2023-11-14T22:13:20.123Z,m,\"{count:3, sum:4.5, (0.5,1]:1, (1,2]:2}\"\n",
            Write(ExportFormat.Csv, value).Text
        );
        Assert.Equal(
            "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"labels\":{\"__name__\":\"m\"},\"histogram\":{\"count\":3,\"sum\":4.5,\"buckets\":[[0,0.5,1,1],[0,1,2,2]]}}\n",
            Write(ExportFormat.Ndjson, value).Text
        );
        var (text, leftOut) = Write(ExportFormat.OpenMetrics, value);
        Assert.Equal("# TYPE m unknown\n# EOF\n", text);
        Assert.Equal(1, leftOut);
    }

    [Fact]
    public void Times_OfAllDays_AreThoseOfTheCalendar()
    {
        var output = new ByteWriter();
        var times = new TimeText();
        var random = new Random(2);
        for (var i = 0; i < 1000; i++)
        {
            var ms = random.NextInt64(-2_000_000_000_000, 4_000_000_000_000);
            output.Clear();
            times.Write(ms, output);
            Assert.Equal(
                DateTimeOffset
                    .FromUnixTimeMilliseconds(ms)
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
                Encoding.ASCII.GetString(output.WrittenSpan)
            );
        }
    }

    [Fact]
    public async Task Rows_OfManySamples_AllocateNothingForEach()
    {
        using var folder = new TestFolder();
        using var spill = new SampleSpill(folder.Path);
        var buffer = new SampleBuffer();
        const int Steps = 50;
        const int PerStep = 400;
        const int Series = 20;
        var labels = Enumerable.Range(0, Series).Select(n => LabelSet.Of("__name__", "m", "n", $"{n}")).ToList();
        var random = new Random(3);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < Steps; step++)
        {
            foreach (var one in labels)
            {
                buffer.Clear();
                for (var i = 0; i < PerStep; i++)
                {
                    buffer.Add(TimeMs + ((((long)step * PerStep) + i) * 15_000), random.Next(1000));
                }
                spill.Add(one, step, buffer);
            }
        }
        // Of 400,000 samples: the spill's buffer, and about a byte and a half for each chunk's encoding.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        var rows = RowWriter.Of(
            ExportPlace.Config("interval: 1h\nmatch: ['m']\nrange: 1h\ndestination: exports/{date}.csv")
        );
        await using var sink = new NullSink();
        using var pipe = new ExportPipe(sink, isCompressed: false);
        before = GC.GetAllocatedBytesForCurrentThread();
        var all = spill.Sorted(rows.Compare);
        rows.Begin(all, pipe.Text);
        foreach (var series in all)
        {
            rows.BeginSeries(series.Labels, pipe.Text);
            for (var piece = series.First; piece >= 0; )
            {
                piece = spill.Read(piece, buffer);
                rows.Write(buffer, pipe.Text);
                if (pipe.WantsFlush)
                {
                    await pipe.FlushAsync(ExportPlace.Token);
                }
            }
        }
        Assert.Equal(Steps * PerStep * Series, rows.Rows);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    private static string Write(ExportFormat format, params (LabelSet Series, double[] Values)[] series)
    {
        using var folder = new TestFolder();
        using var spill = new SampleSpill(folder.Path);
        var buffer = new SampleBuffer();
        foreach (var (labels, values) in series)
        {
            buffer.Clear();
            for (var i = 0; i < values.Length; i++)
            {
                buffer.Add(TimeMs + (i * 1000), values[i]);
            }
            spill.Add(labels, 0, buffer);
        }
        return Write(format, spill).Text;
    }

    private static (string Text, long LeftOut) Write(ExportFormat format, Histogram value)
    {
        using var folder = new TestFolder();
        using var spill = new SampleSpill(folder.Path);
        var buffer = new SampleBuffer();
        buffer.Add(TimeMs, value);
        spill.Add(LabelSet.Of("__name__", "m"), 0, buffer);
        return Write(format, spill);
    }

    private static (string Text, long LeftOut) Write(ExportFormat format, SampleSpill spill)
    {
        var rows = RowWriter.Of(
            ExportPlace.Config(
                "interval: 1h\nmatch: ['m']\nrange: 1h\ndestination: exports/{date}.csv",
                "my-export"
            ) with
            {
                Format = format,
            }
        );
        var output = new ByteWriter();
        var buffer = new SampleBuffer();
        var all = spill.Sorted(rows.Compare);
        rows.Begin(all, output);
        foreach (var series in all)
        {
            rows.BeginSeries(series.Labels, output);
            for (var piece = series.First; piece >= 0; )
            {
                piece = spill.Read(piece, buffer);
                rows.Write(buffer, output);
            }
        }
        rows.End(output);
        return (Encoding.UTF8.GetString(output.WrittenSpan), rows.LeftOut);
    }

    private sealed class NullSink : ExportSink
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;

        public override Task CommitAsync(byte[] sha256, CancellationToken cancellationToken) => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
