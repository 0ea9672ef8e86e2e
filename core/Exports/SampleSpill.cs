using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Storage.Selection;

namespace Tributary.Exports;

/// <summary>Samples on their way: they come by time, series by series, and go series by series over the whole time.</summary>
/// <remarks>
/// They lie compressed in a temporary file that vanishes with the process; in memory are the labels of the series and where
/// their pieces are. Not safe for several threads.
/// </remarks>
internal sealed class SampleSpill : IDisposable
{
    private const int BufferBytes = 1024 * 1024;

    private readonly SafeFileHandle file;
    private readonly long maxSeries;
    private readonly Dictionary<LabelSet, int> numbers = [];
    private readonly List<SpilledSeries> series = [];
    private readonly List<Piece> pieces = [];
    private readonly ByteWriter output = new(2 * BufferBytes);
    private HistogramChunkBuilder histograms = new();
    private byte[] input = new byte[4096];
    private long written;

    /// <summary>An empty one.</summary>
    /// <param name="folder">Where the file lies.</param>
    /// <param name="maxSeries">The most series.</param>
    public SampleSpill(string folder, long maxSeries = long.MaxValue)
    {
        this.maxSeries = maxSeries;
        Directory.CreateDirectory(folder);
        var path = Path.Join(folder, $"tributary-export-{Guid.NewGuid():N}");
        file = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Delete,
            FileOptions.DeleteOnClose
        );
        if (!OperatingSystem.IsWindows())
        {
            // The name goes at once, so that nothing stays of a process that is killed.
            File.Delete(path);
        }
    }

    /// <summary>How many series there are.</summary>
    public int SeriesCount => series.Count;

    /// <summary>How many samples there are.</summary>
    public long Samples { get; private set; }

    /// <summary>The time of the first sample; <see cref="long.MaxValue"/> without one.</summary>
    public long MinMs { get; private set; } = long.MaxValue;

    /// <summary>The time of the last sample; <see cref="long.MinValue"/> without one.</summary>
    public long MaxMs { get; private set; } = long.MinValue;

    /// <summary>Bytes of the file.</summary>
    public long LengthBytes => written + output.Length;

    /// <summary>Whether a series has samples of a step already: several selectors may match it, and a step may be tried again.</summary>
    public bool Has(LabelSet labels, int step) =>
        numbers.TryGetValue(labels, out var number) && series[number].LastStep == step;

    /// <summary>Adds samples of a series that are later than all it has.</summary>
    /// <param name="labels">The series.</param>
    /// <param name="step">Which step of the time they are of; it rises.</param>
    /// <param name="samples">The samples; they are copied.</param>
    /// <exception cref="ExportException">There are too many series.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(LabelSet labels, int step, SampleBuffer samples)
    {
        if (samples.Count == 0)
        {
            return;
        }
        var start = LengthBytes;
        Encode(samples);
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, labels, out var exists);
        if (!exists)
        {
            if (series.Count >= maxSeries)
            {
                throw new ExportException(
                    $"there are more than {maxSeries} series: export fewer by further matchers, or aggregate"
                );
            }
            number = series.Count;
            series.Add(new SpilledSeries(labels, -1, -1, step));
        }
        var one = series[number];
        var piece = pieces.Count;
        pieces.Add(new Piece(start, (int)(LengthBytes - start), -1, one.Last, samples.Count));
        if (one.Last >= 0)
        {
            pieces[one.Last] = pieces[one.Last] with { Next = piece };
        }
        series[number] = one with { First = one.First < 0 ? piece : one.First, Last = piece, LastStep = step };
        Samples += samples.Count;
        MinMs = Math.Min(MinMs, samples.TimesMs[0]);
        MaxMs = Math.Max(MaxMs, samples.TimesMs[^1]);
        if (output.Length >= BufferBytes)
        {
            Flush();
        }
    }

    /// <summary>Takes back what was added of a step, which is the last one.</summary>
    public void Forget(int step)
    {
        for (var number = 0; number < series.Count; number++)
        {
            var one = series[number];
            if (one.LastStep != step)
            {
                continue;
            }
            Samples -= pieces[one.Last].Samples;
            var last = pieces[one.Last].Before;
            if (last >= 0)
            {
                pieces[last] = pieces[last] with { Next = -1 };
            }
            series[number] = one with { First = last < 0 ? -1 : one.First, Last = last, LastStep = -1 };
        }
    }

    /// <summary>The series, in the order of a comparison.</summary>
    public List<SpilledSeries> Sorted(Comparison<LabelSet> comparison)
    {
        Flush();
        var sorted = series.FindAll(one => one.First >= 0);
        sorted.Sort((one, other) => comparison(one.Labels, other.Labels));
        return sorted;
    }

    /// <summary>Reads a piece of a series.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="buffer">Gets its samples; what was in it is forgotten.</param>
    /// <returns>The piece behind it; below 0: that was the last one.</returns>
    public int Read(int piece, SampleBuffer buffer)
    {
        var (offset, length, next, _, _) = pieces[piece];
        if (input.Length < length)
        {
            input = new byte[length];
        }
        for (var read = 0; read < length; )
        {
            var count = RandomAccess.Read(file, input.AsSpan(read, length - read), offset + read);
            if (count == 0)
            {
                throw new IOException("export: a temporary file is shorter than it was written.");
            }
            read += count;
        }
        buffer.Clear();
        Decode(input.AsSpan(0, length), buffer);
        return next;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Flush()
    {
        RandomAccess.Write(file, output.WrittenSpan, written);
        written += output.Length;
        output.Clear();
    }

    private void Encode(SampleBuffer samples)
    {
        var at = 0;
        while (at < samples.Count)
        {
            at =
                samples.HasHistograms && samples.Histograms[at] is not null
                    ? EncodeHistograms(samples, at)
                    : EncodeFloats(samples, at);
        }
    }

    private int EncodeFloats(SampleBuffer samples, int from)
    {
        var builder = new XorChunkBuilder();
        var at = from;
        for (; at < samples.Count && (!samples.HasHistograms || samples.Histograms[at] is null); at++)
        {
            if (builder.IsFull)
            {
                Write(ChunkEncoding.Xor, builder.Count, builder.Bytes);
                builder = new XorChunkBuilder();
            }
            builder.Append(samples.TimesMs[at], samples.Values[at]);
        }
        Write(ChunkEncoding.Xor, builder.Count, builder.Bytes);
        return at;
    }

    private int EncodeHistograms(SampleBuffer samples, int from)
    {
        var at = from;
        for (; at < samples.Count && samples.Histograms[at] is { } value; at++)
        {
            // What is known of the one before depends on how the samples were stored, and is found again where it is needed.
            value = value.Unhinted();
            if (!histograms.TryAppend(samples.TimesMs[at], value))
            {
                CutHistograms();
                histograms.TryAppend(samples.TimesMs[at], value);
            }
        }
        CutHistograms();
        histograms = new HistogramChunkBuilder();
        return at;
    }

    private void CutHistograms()
    {
        if (histograms.Count > 0)
        {
            var (encoding, count) = (histograms.Encoding, histograms.Count);
            Write(encoding, count, histograms.Cut());
        }
    }

    private void Write(ChunkEncoding encoding, int count, ReadOnlySpan<byte> bytes)
    {
        output.WriteByte((byte)encoding);
        output.WriteUvarint((ulong)count);
        output.WriteUvarint((ulong)bytes.Length);
        output.WriteBytes(bytes);
    }

    private static void Decode(ReadOnlySpan<byte> bytes, SampleBuffer buffer)
    {
        const string Name = "an export's temporary file";
        var reader = new ByteReader(bytes, Name);
        while (reader.Remaining > 0)
        {
            var encoding = (ChunkEncoding)reader.ReadByte();
            var count = (int)reader.ReadUvarint();
            var chunk = reader.ReadBytes((int)reader.ReadUvarint());
            if (encoding is ChunkEncoding.Xor)
            {
                var free = buffer.Free(count);
                XorChunk.Decode(chunk, count, free.TimesMs, free.Values, Name);
                buffer.Take(0, count);
                continue;
            }
            var histogram = new HistogramChunkReader(chunk, encoding, Name, buffer.LastLayout);
            while (histogram.MoveNext())
            {
                buffer.Add(histogram.TimestampMs, histogram.ToHistogram().Unhinted());
            }
        }
    }

    /// <summary>Where samples of one series lie.</summary>
    /// <param name="Offset">In the file.</param>
    /// <param name="Length">How many bytes.</param>
    /// <param name="Next">The piece behind it, or below 0.</param>
    /// <param name="Before">The piece before it, or below 0.</param>
    /// <param name="Samples">How many samples.</param>
    private readonly record struct Piece(long Offset, int Length, int Next, int Before, int Samples);
}

/// <summary>A series with samples on their way.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="First">Its first piece.</param>
/// <param name="Last">Its last piece.</param>
/// <param name="LastStep">The last step of the time that it has samples of.</param>
internal readonly record struct SpilledSeries(LabelSet Labels, int First, int Last, int LastStep);
