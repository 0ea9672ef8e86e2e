namespace Tributary.Packaging;

/// <summary>A folder cannot be the package of a function app; the message has all that is wrong with it.</summary>
internal sealed class PackageException(string message) : Exception(message);
