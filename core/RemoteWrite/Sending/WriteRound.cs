namespace Tributary.RemoteWrite.Sending;

/// <summary>
/// Samples that are sent before the cursor goes on. Each shard sends its own one request after the other, so that every
/// series keeps its order; shards send at once. What a shard has sent stays sent, however often the others try.
/// </summary>
internal sealed class WriteRound
{
    private WriteRound(IReadOnlyList<WriteShard> shards) => Shards = shards;

    /// <summary>The shards.</summary>
    public IReadOnlyList<WriteShard> Shards { get; }

    /// <summary>Whether everything was taken, or refused for ever.</summary>
    public bool IsDone => Shards.All(shard => shard.IsDone);

    /// <summary>Deals samples out.</summary>
    /// <param name="samples">The samples, in order.</param>
    /// <param name="perSend">The most of a request.</param>
    /// <param name="least">The fewest shards.</param>
    /// <param name="most">The most shards.</param>
    public static WriteRound Of(IReadOnlyList<QueuedSample> samples, int perSend, int least, int most)
    {
        var wanted = (samples.Count + perSend - 1) / perSend;
        var shards = Enumerable.Range(0, Math.Clamp(wanted, least, most)).Select(_ => new WriteShard()).ToArray();
        foreach (var sample in samples)
        {
            shards[(uint)sample.Series.GetHashCode() % (uint)shards.Length].Samples.Add(sample);
        }
        return new WriteRound([.. shards.Where(shard => shard.Samples.Count > 0)]);
    }
}

/// <summary>What is sent one request after the other.</summary>
internal sealed class WriteShard
{
    /// <summary>The samples, in order.</summary>
    public List<QueuedSample> Samples { get; } = [];

    /// <summary>How many are done with.</summary>
    public int Done { get; set; }

    /// <summary>How often the next request was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>The next pause.</summary>
    public TimeSpan Backoff { get; set; }

    /// <summary>Whether all are done with.</summary>
    public bool IsDone => Done >= Samples.Count;

    /// <summary>The samples of the next request.</summary>
    public List<QueuedSample> Next(int perSend) => Samples.GetRange(Done, Math.Min(perSend, Samples.Count - Done));
}
