using System.Collections;

namespace Tributary.Model;

/// <summary>The samples of one answer, in an array that the next answer uses again once this one is disposed of.</summary>
/// <remarks>
/// 40 bytes a series: with 100,000 series each answer would leave 4 MB that stay until all generations are collected. The
/// array is held weakly, so that nobody pays for it where nobody asks. Without <see cref="Dispose"/> it is garbage.
/// </remarks>
internal sealed class LatestSamples(int capacity) : IReadOnlyList<LatestSample>, IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly WeakReference<LatestSample[]?> Spare = new(null);

    private LatestSample[] samples = Take(capacity);

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public LatestSample this[int index] =>
        (uint)index < (uint)Count ? samples[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Adds a sample; there is room for as many as the capacity.</summary>
    public void Add(LatestSample sample) => samples[Count++] = sample;

    /// <inheritdoc/>
    public IEnumerator<LatestSample> GetEnumerator() => samples.Take(Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Lets the next answer have the array; the samples are gone.</summary>
    public void Dispose()
    {
        var array = samples;
        array.AsSpan(0, Count).Clear();
        (samples, Count) = ([], 0);
        lock (Gate)
        {
            if (!Spare.TryGetTarget(out var other) || other.Length < array.Length)
            {
                Spare.SetTarget(array);
            }
        }
    }

    private static LatestSample[] Take(int capacity)
    {
        lock (Gate)
        {
            if (Spare.TryGetTarget(out var array) && array.Length >= capacity)
            {
                Spare.SetTarget(null);
                return array;
            }
        }
        return new LatestSample[capacity];
    }
}
