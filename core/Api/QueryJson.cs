using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.Api;

/// <summary>
/// The answer to a query, written in pieces: <c>{"status":"success","data":{"resultType":…,"result":…},"warnings":[…]}</c>.
/// </summary>
/// <remarks>See <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats"/>.</remarks>
/// <param name="result">What was found.</param>
/// <param name="withStatistics">Whether it tells what the query took.</param>
/// <param name="warnings">What the endpoint has to say besides the query.</param>
internal sealed class QueryJson(QueryResult result, bool withStatistics, IReadOnlyList<string> warnings)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Room for a time, a value and what stands around them.</summary>
    private const int PointBytes = JsonText.LongestNumber + FloatFormat.MaxLength + 8;

    private readonly ByteWriter output = new(PieceBytes + 4096);
    private readonly StepTimes times = new(result.Grid);

    /// <summary>Whether the last piece has been written.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Writes it: each piece is good until the next one is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        output.WriteBytes("{\"status\":\"success\",\"data\":{\"resultType\":"u8);
        JsonText.WriteText(output, result.Type.Name());
        output.WriteBytes(",\"result\":["u8);
        switch (result.Type)
        {
            case ExpressionType.String:
                JsonText.WriteTime(output, result.Grid.StartMs);
                output.WriteByte((byte)',');
                JsonText.WriteText(output, result.Text ?? "");
                break;
            case ExpressionType.Scalar:
                JsonText.WriteTime(output, result.Grid.StartMs);
                output.WriteByte((byte)',');
                // Unlike values of series without an exponent, however long, as upstream.
                JsonText.WriteText(output, GoNumber.Plain(result.Series[0].Values.Span[0]));
                break;
            default:
                foreach (var piece in result.Type is ExpressionType.Vector ? Vector() : Matrix())
                {
                    yield return piece;
                    output.Clear();
                }
                break;
        }
        output.WriteByte((byte)']');
        if (withStatistics)
        {
            output.WriteBytes(",\"stats\":"u8);
            StatisticsJson.Write(output, result.Statistics, result.Grid);
        }
        output.WriteByte((byte)'}');
        WriteAnnotations("warnings"u8, result.Warnings, warnings);
        WriteAnnotations("infos"u8, result.Infos, []);
        output.WriteByte((byte)'}');
        IsEnded = true;
        yield return output.WrittenMemory;
    }

    private void WriteAnnotations(ReadOnlySpan<byte> name, IReadOnlyList<string> some, IReadOnlyList<string> others)
    {
        if (some.Count + others.Count > 0)
        {
            output.WriteBytes(",\""u8);
            output.WriteBytes(name);
            output.WriteBytes("\":"u8);
            JsonText.WriteTexts(output, [.. some, .. others]);
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> Vector()
    {
        for (var i = 0; i < result.Series.Count; i++)
        {
            BeginSeries(i);
            WriteSample(result.Series[i]);
            if (output.Length >= PieceBytes)
            {
                yield return output.WrittenMemory;
            }
        }
    }

    private void BeginSeries(int index)
    {
        output.WriteBytes(index == 0 ? "{\"metric\":"u8 : ",{\"metric\":"u8);
        JsonText.WriteLabels(output, result.Series[index].Labels);
    }

    private void WriteSample(ResultSeries series)
    {
        if (series.Histograms is { } histograms && histograms.Span[0] is { } histogram)
        {
            output.WriteBytes(",\"histogram\":["u8);
            JsonText.WriteTime(output, TimeOf(series, 0));
            output.WriteByte((byte)',');
            HistogramJson.Write(output, histogram);
        }
        else
        {
            output.WriteBytes(",\"value\":["u8);
            JsonText.WriteTime(output, TimeOf(series, 0));
            output.WriteByte((byte)',');
            JsonText.WriteValue(output, series.Values.Span[0]);
        }
        output.WriteBytes("]}"u8);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Matrix()
    {
        for (var i = 0; i < result.Series.Count; i++)
        {
            var series = result.Series[i];
            BeginSeries(i);
            var count = series.Values.Length;
            var floats = 0;
            for (var next = 0; next < count; )
            {
                next = WriteFloats(series, next, ref floats);
                if (output.Length >= PieceBytes)
                {
                    yield return output.WrittenMemory;
                }
            }
            output.WriteBytes(floats > 0 ? "]"u8 : []);
            var histograms = 0;
            for (var next = 0; next < count && series.Histograms is not null; )
            {
                next = WriteHistograms(series, next, ref histograms);
                if (output.Length >= PieceBytes)
                {
                    yield return output.WrittenMemory;
                }
            }
            output.WriteBytes(histograms > 0 ? "]}"u8 : "}"u8);
        }
    }

    /// <summary>Writes floats until the piece is full, and returns where to go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int WriteFloats(ResultSeries series, int from, ref int written)
    {
        var values = series.Values.Span;
        var histograms = series.Histograms is { } some ? some.Span : [];
        var ownTimes = series.Times is { } own ? own.Span : [];
        var i = from;
        for (; i < values.Length && output.Length < PieceBytes; i++)
        {
            if ((!histograms.IsEmpty && histograms[i] is not null) || (ownTimes.IsEmpty && Absent.Is(values[i])))
            {
                continue;
            }
            if (written++ == 0)
            {
                output.WriteBytes(",\"values\":["u8);
            }
            var target = output.Reserve(PointBytes);
            var length = written == 1 ? 0 : 1;
            target[0] = (byte)',';
            target[length++] = (byte)'[';
            if (ownTimes.IsEmpty)
            {
                var text = times.Text(i);
                text.CopyTo(target[length..]);
                length += text.Length;
            }
            else
            {
                length += JsonText.FormatTime(ownTimes[i], target[length..]);
            }
            target[length++] = (byte)',';
            target[length++] = (byte)'"';
            length += FloatFormat.FormatPlain(values[i], target[length..]);
            target[length++] = (byte)'"';
            target[length++] = (byte)']';
            output.Advance(length);
        }
        return i;
    }

    private int WriteHistograms(ResultSeries series, int from, ref int written)
    {
        var histograms = series.Histograms!.Value.Span;
        var i = from;
        for (; i < histograms.Length && output.Length < PieceBytes; i++)
        {
            if (histograms[i] is { } histogram)
            {
                output.WriteBytes(written++ == 0 ? ",\"histograms\":[["u8 : ",["u8);
                JsonText.WriteTime(output, TimeOf(series, i));
                output.WriteByte((byte)',');
                HistogramJson.Write(output, histogram);
                output.WriteByte((byte)']');
            }
        }
        return i;
    }

    private long TimeOf(ResultSeries series, int position) =>
        series.Times is { } own ? own.Span[position] : result.Grid.At(position);
}
