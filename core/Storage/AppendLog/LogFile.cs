using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>One log file that this process writes: its place, and the protocol that puts bytes there exactly once.</summary>
/// <remarks>
/// Every append states the position it expects. After an unknown outcome the same bytes go to the same position again, and
/// length and tail decide. Once the place is lost, or its state cannot be learnt, the file is sealed before anything is
/// written elsewhere: what is still on its way can then no longer land.
/// </remarks>
internal sealed class LogFile(LogFileName name, IBlobStore blobs, TimeProvider time, LogLimits limits)
{
    private const int MaxTries = 6;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    public LogFileName Name { get; } = name;

    public LogEncoder Encoder { get; } = new(name, time.GetUtcNow().ToUnixTimeMilliseconds(), limits.AppendBytes);

    /// <summary>Bytes known to be in the file; the next append expects this position.</summary>
    public long LengthBytes { get; private set; }

    public int Appends { get; private set; }

    public long Retries { get; private set; }

    public long LastUsedMs { get; private set; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether the file is left: nothing more may be encoded for it.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>Whether the file is known to take no further append.</summary>
    public bool IsSealed { get; private set; }

    public bool IsFull => Appends >= limits.FileAppends || LengthBytes >= limits.FileBytes;

    /// <summary>Appends all blocks. False: the place is lost, the file is sealed or gone, the blocks belong elsewhere.</summary>
    /// <exception cref="StoreException">The store cannot be used; the file is left, and is not sealed yet.</exception>
    public async Task<bool> AppendAsync(LogBlocks blocks, CancellationToken cancellationToken)
    {
        // Left, unless everything got in: whatever is thrown, the encoder is ahead of the file.
        IsLeft = true;
        foreach (var block in blocks.Blocks)
        {
            if (IsSealed || !await AppendAsync(block, cancellationToken))
            {
                await SealAsync(cancellationToken);
                return false;
            }
        }
        IsLeft = IsSealed;
        return true;
    }

    /// <summary>Nothing more is encoded for the file; who wants to write elsewhere seals it first.</summary>
    public void Leave() => IsLeft = true;

    /// <summary>Ends the file for ever; nothing when that is known to have happened.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        IsLeft = true;
        for (var attempt = 1; !IsSealed; attempt++)
        {
            try
            {
                await blobs.SealAsync(Name.ToString(), CancellationToken.None);
                IsSealed = true;
            }
            catch (Exception exception)
                when (exception is StoreException { Error: StoreError.NotFound } or CorruptDataException)
            {
                // Gone, or damaged so that nobody can append to it.
                IsSealed = true;
            }
            catch (StoreException exception) when (MayTryAgain(exception.Error) && attempt < MaxTries)
            {
                await PauseAsync(attempt, cancellationToken);
            }
        }
    }

    private async Task<bool> AppendAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        var uncertain = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await blobs.AppendAsync(Name.ToString(), LengthBytes, block, CancellationToken.None);
                Advance(block.Length);
                return true;
            }
            catch (CorruptDataException)
            {
                // The store cannot take it: what lies there is damaged. The file is left, and readers say what is wrong.
                return false;
            }
            catch (StoreException exception)
            {
                IsSealed |= exception.Error == StoreError.Sealed;
                switch (exception.Error)
                {
                    case StoreError.Unknown or StoreError.Throttled when attempt < MaxTries:
                        uncertain |= exception.Error == StoreError.Unknown;
                        Retries++;
                        await PauseAsync(attempt, cancellationToken);
                        break;
                    case StoreError.Unknown or StoreError.Throttled:
                        await SealAsync(cancellationToken);
                        return await IsInsideAsync(block, cancellationToken);
                    case StoreError.ConditionNotMet or StoreError.Sealed when uncertain:
                        return await IsInsideAsync(block, cancellationToken);
                    case StoreError.ConditionNotMet or StoreError.Sealed or StoreError.NotFound:
                        return false;
                    default:
                        throw;
                }
            }
        }
    }

    /// <summary>Whether the block that an unknown append carried is in the file, at its position, byte for byte.</summary>
    private async Task<bool> IsInsideAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        var tail = new byte[block.Length];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var read = await blobs.ReadAsync(Name.ToString(), LengthBytes, tail, ifMatch: null, cancellationToken);
                if (read < tail.Length || !tail.AsSpan().SequenceEqual(block.Span))
                {
                    return false;
                }
                Advance(block.Length);
                return true;
            }
            catch (Exception exception)
                when (exception is StoreException { Error: StoreError.NotFound } or CorruptDataException)
            {
                return false;
            }
            catch (StoreException exception) when (MayTryAgain(exception.Error) && attempt < MaxTries)
            {
                await PauseAsync(attempt, cancellationToken);
            }
        }
    }

    private void Advance(int bytes)
    {
        LengthBytes += bytes;
        Appends++;
        LastUsedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private static bool MayTryAgain(StoreError error) => error is StoreError.Unknown or StoreError.Throttled;

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(FirstDelay * (1 << attempt), time, cancellationToken);
}
