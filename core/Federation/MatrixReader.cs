using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Tributary.Exposition;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>
/// Reads the answer of a query, a matrix or a vector in JSON, as it arrives: whatever is at hand, cut anywhere.
/// </summary>
/// <remarks>
/// The format is that of <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#range-vectors"/>. A series is
/// recognised by the bytes of its <c>metric</c>, which stands in front of its samples; nothing is allocated per sample.
/// </remarks>
/// <param name="body">Gets the samples.</param>
internal sealed class MatrixReader(PulledBody body)
{
    /// <summary>A sample takes no more.</summary>
    private const int MaxSampleBytes = 1024;
    private const int MaxKeyBytes = 1024;
    private const int MaxTextBytes = 4096;

    private readonly JsonSkipper skipper = new();
    private Place place = Place.Start;
    private bool needsComma;
    private bool hasMetric;
    private long offset;
    private string status = "";
    private string error = "";
    private bool hasResult;

    /// <summary>Where in the answer the next byte is.</summary>
    private enum Place
    {
        Start,
        Top,
        Data,
        Result,
        Series,
        Samples,
        End,
    }

    /// <summary>Whether a series has native histograms.</summary>
    public bool HasHistograms { get; private set; }

    /// <summary>Whether the source says that something may be missing.</summary>
    public bool HasWarnings { get; private set; }

    /// <summary>Reads what is at hand.</summary>
    /// <param name="window">The bytes behind those that were read.</param>
    /// <returns>How many bytes were read; the rest is to be given again, with more behind it.</returns>
    /// <exception cref="SourceApiException">The answer is not one of a query.</exception>
    /// <exception cref="ScrapeException">A series breaks a limit.</exception>
    public int Read(ReadOnlySpan<byte> window)
    {
        var at = 0;
        while (true)
        {
            if (skipper.IsSkipping)
            {
                at += skipper.Skip(window[at..]);
                if (skipper.IsSkipping)
                {
                    break;
                }
            }
            var next = Step(window, at);
            if (next < 0)
            {
                break;
            }
            at = next;
        }
        offset += at;
        return at;
    }

    /// <summary>Takes note of the end of the answer.</summary>
    /// <exception cref="SourceApiException">It is not whole.</exception>
    public void End()
    {
        if (place is not Place.End)
        {
            throw Wrong(0, "the answer ends in the middle");
        }
        if (status is not "success")
        {
            throw new SourceApiException(SourceApiProblem.Failed, $"the answer's status is \"{status}\": {error}");
        }
        if (!hasResult)
        {
            throw Wrong(0, "the answer has no result");
        }
    }

    /// <summary>Reads the next unit; −1 when it is not at hand whole.</summary>
    private int Step(ReadOnlySpan<byte> window, int at)
    {
        at = SkipSpace(window, at);
        if (at == window.Length)
        {
            return -1;
        }
        switch (place)
        {
            case Place.Start:
                if (window[at] != '{')
                {
                    throw Wrong(at, $"the answer is no JSON of a query: {Excerpt(window[at..])}");
                }
                Enter(Place.Top);
                return at + 1;
            case Place.Top or Place.Data or Place.Series:
                return StepInObject(window, at);
            case Place.Result:
                return StepInResult(window, at);
            case Place.Samples:
                return ReadSamples(window, at);
            default:
                throw Wrong(at, "something stands behind the answer's end");
        }
    }

    private int StepInObject(ReadOnlySpan<byte> window, int at)
    {
        if (window[at] == '}')
        {
            Leave(at);
            return at + 1;
        }
        var begin = Separate(window, at);
        begin = begin < 0 ? begin : SkipSpace(window, begin);
        if (begin < 0 || begin == window.Length)
        {
            return -1;
        }
        if (window[begin] != '"')
        {
            throw Wrong(begin, "a name in quotes is wanted");
        }
        var length = window[(begin + 1)..].IndexOf((byte)'"');
        if (length < 0)
        {
            return window.Length - begin > MaxKeyBytes ? throw Wrong(begin, "a name is too long") : -1;
        }
        var key = window.Slice(begin + 1, length);
        var value = SkipSpace(window, begin + length + 2);
        if (value == window.Length)
        {
            return -1;
        }
        if (window[value] != ':')
        {
            throw Wrong(value, "a colon is wanted");
        }
        value = SkipSpace(window, value + 1);
        if (value == window.Length)
        {
            return -1;
        }
        return place switch
        {
            Place.Top => ReadTop(window, value, key),
            Place.Data => ReadData(window, value, key),
            _ => ReadSeries(window, value, key),
        };
    }

    private int ReadTop(ReadOnlySpan<byte> window, int at, ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("data"u8) && window[at] == '{')
        {
            Enter(Place.Data);
            return at + 1;
        }
        var isStatus = key.SequenceEqual("status"u8);
        if (isStatus || key.SequenceEqual("error"u8))
        {
            var next = ReadText(window, at, out var text);
            (status, error) = isStatus ? (text, error) : (status, text);
            needsComma |= next >= 0;
            return next;
        }
        if (key.SequenceEqual("isPartial"u8) && window[at] == 't')
        {
            throw new SourceApiException(SourceApiProblem.Failed, "the source says that its answer is partial");
        }
        HasWarnings |= key.SequenceEqual("warnings"u8) && window[at] == '[';
        return Skip(at);
    }

    private int ReadData(ReadOnlySpan<byte> window, int at, ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("resultType"u8))
        {
            var next = ReadText(window, at, out var type);
            needsComma |= next >= 0;
            return next < 0 || type is "matrix" or "vector"
                ? next
                : throw Wrong(at, $"the answer is a {type} instead of series");
        }
        if (!key.SequenceEqual("result"u8))
        {
            return Skip(at);
        }
        if (window[at] != '[')
        {
            throw Wrong(at, "the result is no list");
        }
        hasResult = true;
        Enter(Place.Result);
        return at + 1;
    }

    private int StepInResult(ReadOnlySpan<byte> window, int at)
    {
        if (window[at] == ']')
        {
            Leave(at);
            return at + 1;
        }
        var begin = Separate(window, at);
        begin = begin < 0 ? begin : SkipSpace(window, begin);
        if (begin < 0 || begin == window.Length)
        {
            return -1;
        }
        if (window[begin] != '{')
        {
            throw Wrong(begin, "a series is wanted");
        }
        hasMetric = false;
        Enter(Place.Series);
        return begin + 1;
    }

    private int ReadSeries(ReadOnlySpan<byte> window, int at, ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("metric"u8))
        {
            return ReadMetric(window, at);
        }
        var isOne = key.SequenceEqual("value"u8);
        if (isOne || key.SequenceEqual("values"u8))
        {
            if (!hasMetric)
            {
                throw Wrong(at, "samples stand in front of their series' labels");
            }
            if (window[at] != '[')
            {
                throw Wrong(at, "the samples are no list");
            }
            if (!isOne)
            {
                Enter(Place.Samples);
                return at + 1;
            }
            var next = ReadSample(window, at);
            needsComma |= next >= 0;
            return next;
        }
        HasHistograms |= key.SequenceEqual("histograms"u8) || key.SequenceEqual("histogram"u8);
        return Skip(at);
    }

    private int ReadMetric(ReadOnlySpan<byte> window, int at)
    {
        var length = body.TryBeginExpected(window[at..], isText: false);
        if (length == 0)
        {
            length = FindObjectEnd(window[at..], at);
            if (length < 0)
            {
                return -1;
            }
            body.BeginSeries(window.Slice(at, length), ReadLabels);
        }
        hasMetric = true;
        needsComma = true;
        return at + length;
    }

    /// <summary>The length of an object of texts; −1 when it is not at hand whole.</summary>
    private int FindObjectEnd(ReadOnlySpan<byte> window, int begin)
    {
        if (window[0] != '{')
        {
            throw Wrong(begin, "the labels are no object");
        }
        var at = 1;
        while (true)
        {
            var next = window[at..].IndexOfAny("\"}{["u8);
            if (next < 0)
            {
                return -1;
            }
            at += next;
            if (window[at] == '}')
            {
                return at + 1;
            }
            if (window[at] != '"')
            {
                throw Wrong(begin + at, "a label is no text");
            }
            at++;
            while (true)
            {
                next = window[at..].IndexOfAny((byte)'"', (byte)'\\');
                if (next < 0)
                {
                    return -1;
                }
                at += next;
                if (window[at] == '"')
                {
                    at++;
                    break;
                }
                at += 2;
                if (at > window.Length)
                {
                    return -1;
                }
            }
        }
    }

    /// <summary>Reads an object of texts.</summary>
    private static void ReadLabels(ReadOnlySpan<byte> bytes, List<(string Name, string Value)> labels)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!reader.Read() || reader.TokenType is not JsonTokenType.String)
                {
                    throw WrongLabels(bytes);
                }
                labels.Add((name, reader.GetString()!));
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw WrongLabels(bytes);
        }
    }

    private static SourceApiException WrongLabels(ReadOnlySpan<byte> bytes) =>
        new(SourceApiProblem.Damaged, $"the labels of a series are not names with texts: {Excerpt(bytes)}");

    private int ReadSamples(ReadOnlySpan<byte> window, int at)
    {
        var start = at;
        while (at < window.Length)
        {
            if (window[at] == ']')
            {
                Leave(at);
                return at + 1;
            }
            var begin = at;
            if (needsComma)
            {
                if (window[at] != ',')
                {
                    throw Wrong(at, "a comma is wanted");
                }
                begin = SkipSpace(window, at + 1);
            }
            var next = begin == window.Length ? -1 : ReadSample(window, begin);
            if (next < 0)
            {
                return at == start ? -1 : at;
            }
            needsComma = true;
            at = SkipSpace(window, next);
            if (at == window.Length)
            {
                return at;
            }
        }
        return at;
    }

    private int NotWhole(ReadOnlySpan<byte> window, int at) =>
        window.Length - at > MaxSampleBytes ? throw Wrong(at, "a sample is too long") : -1;

    /// <summary>Reads <c>[seconds,"value"]</c>; −1 when it is not at hand whole.</summary>
    private int ReadSample(ReadOnlySpan<byte> window, int begin)
    {
        if (window[begin] != '[')
        {
            throw Wrong(begin, "a sample is wanted, [time, \"value\"]");
        }
        var at = SkipSpace(window, begin + 1);
        if (!SecondsText.TryRead(window[at..], out var length, out var timestampMs))
        {
            return length < 0 ? NotWhole(window, begin) : throw Wrong(at, "a time in seconds is wanted");
        }
        at = SkipSpace(window, at + length);
        if (at == window.Length)
        {
            return NotWhole(window, begin);
        }
        if (window[at] != ',')
        {
            throw Wrong(at, "a comma is wanted");
        }
        at = SkipSpace(window, at + 1);
        if (at == window.Length)
        {
            return NotWhole(window, begin);
        }
        if (window[at] != '"')
        {
            throw Wrong(at, "a value in quotes is wanted");
        }
        var text = window[(at + 1)..];
        if (!NumberText.TryReadQuoted(text, out length, out var value))
        {
            length = text.IndexOf((byte)'"');
            if (length < 0)
            {
                return NotWhole(window, begin);
            }
            if (!NumberText.TryParseValue(text[..length], out value))
            {
                throw Wrong(at, $"not a value: {Excerpt(text[..length])}");
            }
        }
        at = SkipSpace(window, at + length + 2);
        if (at == window.Length)
        {
            return NotWhole(window, begin);
        }
        if (window[at] != ']')
        {
            throw Wrong(at, "the end of a sample is wanted");
        }
        body.Add(timestampMs, value);
        return at + 1;
    }

    /// <summary>Reads a text without escapes worth reading; −1 when it is not at hand whole.</summary>
    private int ReadText(ReadOnlySpan<byte> window, int at, out string text)
    {
        text = "";
        if (window[at] != '"')
        {
            throw Wrong(at, "a text is wanted");
        }
        var length = 0;
        var rest = window[(at + 1)..];
        while (true)
        {
            var next = rest[length..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0 || length + next + 1 >= rest.Length)
            {
                return rest.Length > MaxTextBytes ? throw Wrong(at, "a text is too long") : -1;
            }
            length += next;
            if (rest[length] == '"')
            {
                text = Encoding.UTF8.GetString(rest[..length]);
                return at + length + 2;
            }
            length += 2;
        }
    }

    private int Skip(int at)
    {
        skipper.Begin();
        needsComma = true;
        return at;
    }

    /// <summary>Passes the comma behind what stood before; −1 when nothing is at hand behind it.</summary>
    private int Separate(ReadOnlySpan<byte> window, int at)
    {
        if (!needsComma)
        {
            return at;
        }
        if (window[at] != ',')
        {
            throw Wrong(at, "a comma is wanted");
        }
        return at + 1;
    }

    private void Enter(Place inside)
    {
        place = inside;
        needsComma = false;
    }

    private void Leave(int at)
    {
        place = place switch
        {
            Place.Samples => Place.Series,
            Place.Series => Place.Result,
            Place.Result => Place.Data,
            Place.Data => Place.Top,
            Place.Top => Place.End,
            _ => throw Wrong(at, "an end without a beginning"),
        };
        needsComma = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipSpace(ReadOnlySpan<byte> window, int at) =>
        (uint)at < (uint)window.Length && window[at] > ' ' ? at : SkipSpaces(window, at);

    private static int SkipSpaces(ReadOnlySpan<byte> window, int at)
    {
        while (at < window.Length && window[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }
        return at;
    }

    private SourceApiException Wrong(int at, string problem) =>
        new(
            SourceApiProblem.Damaged,
            string.Create(CultureInfo.InvariantCulture, $"byte {offset + at} of the answer: {problem}")
        );

    private static string Excerpt(ReadOnlySpan<byte> bytes) => ExpositionException.Excerpt(bytes);
}
