namespace Tributary.Exports;

/// <summary>A run of an export cannot be done; the message says why, and what to do, without secrets.</summary>
public sealed class ExportException(string message, Exception? inner = null) : Exception(message, inner);
