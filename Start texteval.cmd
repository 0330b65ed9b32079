@echo off
rem Double-click this file on Windows: texteval opens in your browser. The first start takes a minute or two.
rem To stop it, press Ctrl-C in this window, or close the window.
setlocal
title texteval
pushd "%~dp0" || goto nofolder
if not exist "run.py" goto norun

set "found="
for %%P in ("py -3" "python3" "python") do if not defined found call :try %%P
if not defined found goto nopython

%found% run.py app
if not errorlevel 1 goto end
if errorlevel 130 if not errorlevel 131 goto end
echo texteval: it stopped; the reason stands above.
goto failed

:try
%~1 -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "found=%~1"
goto :eof

:nofolder
echo texteval: the folder of this file cannot be opened.
goto failed

:norun
echo texteval: run.py is missing beside this file. If it lies in a ZIP file, choose "Extract all" first,
echo and start it in the folder that comes out.
goto failed

:nopython
echo texteval: Python 3.11 or newer is needed, and was not found. Get it from https://www.python.org/downloads/,
echo install it, then open this file again.

:failed
echo.
pause
popd
exit /b 1

:end
popd
exit /b 0
