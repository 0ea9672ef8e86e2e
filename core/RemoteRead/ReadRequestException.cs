namespace Tributary.RemoteRead;

/// <summary>A request for a remote read that can not be answered as it is; the message says what is wrong with it.</summary>
internal sealed class ReadRequestException(string message, Exception? inner = null) : Exception(message, inner);
