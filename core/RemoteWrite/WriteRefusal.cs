namespace Tributary.RemoteWrite;

/// <summary>Why a whole request of remote write is not taken.</summary>
internal enum WriteRefusal
{
    /// <summary>It is no such message; sending it again does not help.</summary>
    Malformed,

    /// <summary>It breaks a limit; smaller requests would be taken.</summary>
    TooLarge,

    /// <summary>There is no memory for its series, or for it; later there may be.</summary>
    NoMemory,
}
