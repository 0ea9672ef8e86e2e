using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Requests that go into the log together, as one batch.</summary>
internal sealed class ReceivedGroup
{
    /// <summary>Their samples.</summary>
    public ReceivedSamples Samples { get; } = new();

    /// <summary>What is said of families and was not known.</summary>
    public List<MetricMetadata> Metadata { get; } = [];

    /// <summary>The bytes of their messages.</summary>
    public long Bytes { get; set; }

    /// <summary>Samples that were too old or too far ahead.</summary>
    public int OutOfBounds { get; set; }

    /// <summary>Ends when all of it is in the log, or not known to be.</summary>
    public TaskCompletionSource Done { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether there is nothing to be written.</summary>
    public bool IsEmpty => Samples.Count == 0 && Metadata.Count == 0;

    /// <summary>Makes ready for other requests.</summary>
    public void Clear()
    {
        Samples.Clear();
        Metadata.Clear();
        (Bytes, OutOfBounds) = (0, 0);
        Done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
