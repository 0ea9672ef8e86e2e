using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>A series with the chunks of a range, in memory: decoding reads nothing.</summary>
/// <remarks>Immutable, and safe for several threads with a buffer each.</remarks>
internal sealed class SelectedChunks
{
    private readonly SelectedChunk[] chunks;
    private readonly bool overlaps;

    /// <summary>A series.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="range">The time that was asked for.</param>
    /// <param name="chunks">Its chunks, by the times of their first samples; taken over.</param>
    public SelectedChunks(LabelSet labels, TimeRange range, SelectedChunk[] chunks)
    {
        (Labels, Range, this.chunks) = (labels, range, chunks);
        for (var i = 0; i < chunks.Length; i++)
        {
            EstimatedSamples += chunks[i].EstimateSamples(range);
            HasHistograms |= !chunks[i].Data.IsFloat;
            overlaps |= i > 0 && chunks[i].Data.MinMs <= chunks[i - 1].Data.MaxMs;
        }
    }

    /// <summary>The series.</summary>
    public LabelSet Labels { get; }

    /// <summary>The time that was asked for.</summary>
    public TimeRange Range { get; }

    /// <summary>The chunks, by the times of their first samples; those of several places may overlap.</summary>
    public ReadOnlySpan<SelectedChunk> Chunks => chunks;

    /// <summary>About how many samples <see cref="Decode(SampleBuffer)"/> yields; counted without decoding.</summary>
    public long EstimatedSamples { get; }

    /// <summary>Whether a chunk holds native histograms.</summary>
    public bool HasHistograms { get; }

    /// <summary>Decodes the samples of the range into a buffer, staleness markers included; what was in it is forgotten.</summary>
    /// <exception cref="Tributary.Binary.CorruptDataException">A chunk is damaged.</exception>
    public void Decode(SampleBuffer buffer) => Decode(buffer, Range);

    /// <summary>The same for a part of the range.</summary>
    /// <exception cref="Tributary.Binary.CorruptDataException">A chunk is damaged.</exception>
    public void Decode(SampleBuffer buffer, TimeRange range)
    {
        buffer.Clear();
        for (var first = 0; first < chunks.Length; )
        {
            var end = first + 1;
            for (
                var maxMs = chunks[first].Data.MaxMs;
                overlaps && end < chunks.Length && chunks[end].Data.MinMs <= maxMs;
                end++
            )
            {
                maxMs = Math.Max(maxMs, chunks[end].Data.MaxMs);
            }
            if (end - first == 1)
            {
                chunks[first].Append(buffer, range);
            }
            else
            {
                OverlapMerge.Append(chunks.AsSpan(first, end - first), buffer, range);
            }
            first = end;
        }
    }
}
