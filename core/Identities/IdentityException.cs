namespace Tributary.Identities;

/// <summary>No token is to be had. The message says for whom, where it was asked for, and what to do; it holds no secret.</summary>
/// <param name="message">The whole of it.</param>
/// <param name="isPassing">Whether it may be over without anybody doing something: no answer, too many requests, 5xx.</param>
/// <param name="inner">What happened.</param>
public sealed class IdentityException(string message, bool isPassing, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Whether it may be over without anybody doing something.</summary>
    public bool IsPassing { get; } = isPassing;
}
