namespace Tributary.Api;

/// <summary>A request that can not be answered as it is; the message says what is wrong with it.</summary>
public sealed class BadRequestException : Exception
{
    /// <summary>A request with a mistake.</summary>
    public BadRequestException(string message)
        : base(message) { }

    /// <summary>A request with a mistake that another part found.</summary>
    public BadRequestException(string message, Exception inner)
        : base(message, inner) { }
}
