if (window.opener) { window.close(); }
