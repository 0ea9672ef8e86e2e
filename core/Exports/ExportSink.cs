namespace Tributary.Exports;

/// <summary>Takes the bytes of one output; nobody sees any of them before <see cref="CommitAsync"/>, and then all.</summary>
internal abstract class ExportSink : IAsyncDisposable
{
    /// <summary>Takes bytes.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes all bytes the output.</summary>
    /// <param name="sha256">Their SHA-256.</param>
    /// <param name="cancellationToken">Ends it; whether it was done is not known then.</param>
    /// <exception cref="OutputChangedException">Somebody else changed the output meanwhile.</exception>
    public abstract Task CommitAsync(byte[] sha256, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Somebody else changed the output since it was looked at.</summary>
internal sealed class OutputChangedException(string message, Exception? inner = null) : Exception(message, inner);
